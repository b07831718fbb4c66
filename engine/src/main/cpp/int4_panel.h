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

// Calls body(step, j, weights) for each step of four columns of a group and in it for every 16 rows j of the J ones from
// J0 on. Groups ahead are fetched with the first rows.
template <int J0, int J, typename F>
static inline void each_int4(const uint8_t* group, F body) {
  // Groups that are fetched ahead of their use.
  constexpr int64_t kAhead = 2;
#pragma GCC unroll 18
  for (int64_t line = 0; J0 == 0 && line < kGroupBytes; line += 64) {
    _mm_prefetch(reinterpret_cast<const char*>(group + kAhead * kGroupBytes + line), _MM_HINT_T0);
  }
  const __m512i code = _mm512_set1_epi8(15);
  __m512i steps[J], bases[J];
#pragma GCC unroll 4
  for (int j = 0; j < J; j++) {
    steps[j] = each_half(group + kGroupCodes + kLanes * (J0 + j));
    bases[j] = each_byte(group + kGroupCodes + kPanel + kLanes * (J0 + j));
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < J; j++) {
      __m512i codes = _mm512_loadu_si512(group + 256 * i + 64 * (J0 + j));
      __m512i lower = _mm512_and_si512(codes, code);
      __m512i upper = _mm512_and_si512(_mm512_srli_epi16(codes, 4), code);
      body(2 * i, J0 + j, meaning(lower, steps[j], bases[j]));
      body(2 * i + 1, J0 + j, meaning(upper, steps[j], bases[j]));
    }
  }
}

}  // namespace qwark
