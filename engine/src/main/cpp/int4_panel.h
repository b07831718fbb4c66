// Panels of weights in 4 bits brought to 8 bits, see weight.h.
#pragma once

#include <immintrin.h>

#include "simd.h"
#include "weight.h"

namespace qwark {

// Repeats each byte of 16 in the four bytes, or in the lower ones of the two halves, of a lane.
static inline __m512i each_byte(const uint8_t* bytes) {
  const __m512i pattern = _mm512_broadcast_i32x4(_mm_set_epi32(0x0C0C0C0C, 0x08080808, 0x04040404, 0));
  __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  return _mm512_shuffle_epi8(_mm512_cvtepu8_epi32(sixteen), pattern);
}

static inline __m512i each_half(const uint8_t* bytes) {
  return _mm512_and_si512(each_byte(bytes), _mm512_set1_epi16(0xFF));
}

// Two codes in the bytes of a half are multiplied at once: neither product is above 255.
static inline __m512i meaning(__m512i codes, __m512i steps, __m512i bases) {
  return _mm512_add_epi8(_mm512_mullo_epi16(codes, steps), bases);
}

// Step i of four columns of a group, 16 rows j.
static inline __m512i int4_weights(const uint8_t* group, int64_t i, int j) {
  __m512i codes = _mm512_loadu_si512(group + i / 2 * 256 + 64 * j);
  codes = _mm512_and_si512(_mm512_srl_epi16(codes, _mm_cvtsi64_si128(i % 2 * 4)), _mm512_set1_epi8(15));
  __m512i steps = each_half(group + kGroupCodes + kLanes * j);
  return meaning(codes, steps, each_byte(group + kGroupCodes + kPanel + kLanes * j));
}

// Groups that are fetched ahead of their use.
constexpr int64_t kGroupsAhead = 8;

// Calls body(step, weights) for each step of four columns of a group with these columns of the J times 16 rows from
// 16 J0 on, in J vectors. The same share of a group ahead is fetched.
template <int J0, int J, typename F>
static inline void each_int4(const uint8_t* group, F body) {
  constexpr int64_t kShare = kGroupBytes / 4;
#pragma GCC unroll 18
  for (int64_t line = (J0 * kShare + 63) / 64 * 64; line < (J0 + J) * kShare; line += 64) {
    _mm_prefetch(reinterpret_cast<const char*>(group + kGroupsAhead * kGroupBytes + line), _MM_HINT_T0);
  }
  const __m512i code = _mm512_set1_epi8(15);
  __m512i steps[J], bases[J], weights[J];
#pragma GCC unroll 4
  for (int j = 0; j < J; j++) {
    steps[j] = each_half(group + kGroupCodes + kLanes * (J0 + j));
    bases[j] = each_byte(group + kGroupCodes + kPanel + kLanes * (J0 + j));
  }
#pragma GCC unroll 8
  for (int step = 0; step < 8; step++) {
#pragma GCC unroll 4
    for (int j = 0; j < J; j++) {
      __m512i codes = _mm512_loadu_si512(group + step / 2 * 256 + 64 * (J0 + j));
      if (step % 2 == 1) codes = _mm512_srli_epi16(codes, 4);
      weights[j] = meaning(_mm512_and_si512(codes, code), steps[j], bases[j]);
    }
    body(step, weights);
  }
}

}  // namespace qwark
