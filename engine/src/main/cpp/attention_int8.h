// Products of queries and keys, and of weights and values, in whole numbers. Keys and values have 8 bits; queries and
// weights are given 16, as two numbers of 8, so that what they lose is far below what the former have lost: with 8,
// scores would lose as much again as they have by the keys, and many small weights beside a large one would all become 0.
#pragma once

#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "attention_block.h"
#include "cache.h"
#include "simd.h"

namespace qwark {
namespace QWARK_VARIANT {
namespace {

// Sums of the high and the low halves.
inline __m512 join(__m512i high, __m512i low) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(high), _mm512_set1_ps(256.f), _mm512_cvtepi32_ps(low));
}

struct Int8Block {
  using Element = int8_t;
  static constexpr bool kScaled = true;

  // Largest magnitude of a query's number: its high half is then in -127 ... 127.
  static constexpr float kMost = 127 * 256;

  float scale[kGroup];          // of a query
  int32_t excess[kGroup][2];    // what the 128 that is added to each key adds to a query's sums
  uint8_t weights[kGroup][2][kStretch];  // high and low halves
  float unit[kGroup];           // of weights

  // Queries (n, 2, D): high and low halves.
  static int64_t query_bytes(int64_t D) { return 2 * D; }

  void put_query(const float* q, __m512 factor, int64_t D, void* queries, int64_t index) {
    int8_t* high = static_cast<int8_t*>(queries) + index * 2 * D;
    int8_t* low = high + D;
    __m512 largest = _mm512_setzero_ps();
    __mmask16 nan = 0;
    for (int64_t i = 0; i < D; i += kLanes) {
      __m512 v = _mm512_abs_ps(_mm512_mul_ps(load(q + i), factor));
      nan |= _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
      largest = _mm512_max_ps(largest, v);
    }
    float amax = std::max(_mm512_reduce_max_ps(largest), 1e-30f);
    __m512 to_codes = _mm512_mul_ps(factor, _mm512_set1_ps(kMost / amax));
    __m512i high_sum = _mm512_setzero_si512(), low_sum = _mm512_setzero_si512();
    for (int64_t i = 0; i < D; i += kLanes) {
      __m512i code = _mm512_cvtps_epi32(_mm512_mul_ps(load(q + i), to_codes));
      __m512i h = _mm512_srai_epi32(_mm512_add_epi32(code, _mm512_set1_epi32(128)), 8);
      __m512i l = _mm512_sub_epi32(code, _mm512_slli_epi32(h, 8));
      high_sum = _mm512_add_epi32(high_sum, h);
      low_sum = _mm512_add_epi32(low_sum, l);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(high + i), _mm512_cvtepi32_epi8(h));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(low + i), _mm512_cvtepi32_epi8(l));
    }
    scale[index] = nan != 0 ? NAN : amax / kMost;
    excess[index][0] = 128 * _mm512_reduce_add_epi32(high_sum);
    excess[index][1] = 128 * _mm512_reduce_add_epi32(low_sum);
  }

  // scores (Q, kStretch) of the first G groups of 16 keys.
  template <int Q, int G, bool Fetch>
  QWARK_OWN_REGISTERS void dots(
      const int8_t* queries, int64_t index, const int8_t* keys, const int8_t* next, int64_t D,
      float* scores) const {
    const __m512i sign = _mm512_set1_epi8(static_cast<char>(0x80));
    __m512i acc[Q][2][G];
#pragma GCC unroll 2
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) acc[q][0][g] = acc[q][1][g] = _mm512_setzero_si512();
    }
    for (int64_t d = 0; d < D; d += 4) {
      __m512i k[G];
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) {
        k[g] = _mm512_xor_si512(_mm512_loadu_si512(keys + g * 16 * D + 16 * d), sign);
        if (Fetch) fetch(next + g * 16 * D + 16 * d);
      }
#pragma GCC unroll 2
      for (int q = 0; q < Q; q++) {
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
          int32_t four;
          std::memcpy(&four, queries + (2 * q + half) * D + d, 4);
          __m512i all = _mm512_set1_epi32(four);
#pragma GCC unroll 4
          for (int g = 0; g < G; g++) {
            acc[q][half][g] = _mm512_dpbusd_epi32(acc[q][half][g], k[g], all);
          }
        }
      }
    }
#pragma GCC unroll 2
    for (int q = 0; q < Q; q++) {
      __m512i high = _mm512_set1_epi32(excess[index + q][0]);
      __m512i low = _mm512_set1_epi32(excess[index + q][1]);
      __m512 factor = _mm512_set1_ps(scale[index + q]);
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) {
        __m512 sum = join(
            _mm512_sub_epi32(acc[q][0][g], high), _mm512_sub_epi32(acc[q][1][g], low));
        store(scores + q * kStretch + 16 * g, _mm512_mul_ps(sum, factor));
      }
    }
  }

  void dots(
      const void* all, int64_t n, const int8_t* keys, const int8_t* next, int64_t count, int64_t D,
      float* scores) {
    const int8_t* queries = static_cast<const int8_t*>(all);
    with_groups(count, [&](auto groups) {
      constexpr int G = decltype(groups)::value;
      each_tile<2>(n, [&](auto tile, int64_t q) {
        if_first(q, [&](auto first) {
          dots<decltype(tile)::value, G, decltype(first)::value>(
              queries + q * 2 * D, q, keys, next, D, scores + q * kStretch);
        });
      });
    });
  }

  void put_weights(const float* all, int64_t n, int64_t index) {
    __m512 largest = _mm512_set1_ps(1e-30f);
    for (int64_t i = 0; i < n; i += kLanes) largest = _mm512_max_ps(largest, load(all + i));
    float most = _mm512_reduce_max_ps(largest);
    __m512 to_codes = _mm512_set1_ps(65535 / most);
    for (int64_t i = 0; i < n; i += kLanes) {
      __m512i code = _mm512_cvtps_epi32(_mm512_mul_ps(load(all + i), to_codes));
      _mm_storeu_si128(
          reinterpret_cast<__m128i*>(weights[index][0] + i),
          _mm512_cvtepi32_epi8(_mm512_srli_epi32(code, 8)));
      _mm_storeu_si128(
          reinterpret_cast<__m128i*>(weights[index][1] + i), _mm512_cvtepi32_epi8(code));
    }
    unit[index] = most / 65535;
  }

  // out (Q, D) = out times factor (Q) + weights times the first n values, W vectors of 16 numbers at a time.
  template <int Q, int W, bool Fetch>
  QWARK_OWN_REGISTERS void weigh(
      int64_t index, int64_t at, const int8_t* values, const int8_t* next, int64_t n, int64_t D,
      const float* factor, float* out) const {
    __m512i acc[Q][2][W];
#pragma GCC unroll 2
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) acc[q][0][w] = acc[q][1][w] = _mm512_setzero_si512();
    }
    for (int64_t t = 0; t < n; t += 4) {
      __m512i v[W];
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) {
        v[w] = _mm512_loadu_si512(values + t * D + 64 * w);
        if (Fetch) fetch(next + t * D + 64 * w);
      }
#pragma GCC unroll 2
      for (int q = 0; q < Q; q++) {
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
          int32_t four;
          std::memcpy(&four, weights[index + q][half] + at + t, 4);
          __m512i all = _mm512_set1_epi32(four);
#pragma GCC unroll 4
          for (int w = 0; w < W; w++) {
            acc[q][half][w] = _mm512_dpbusd_epi32(acc[q][half][w], all, v[w]);
          }
        }
      }
    }
#pragma GCC unroll 2
    for (int q = 0; q < Q; q++) {
      __m512 before = _mm512_set1_ps(factor[q]);
      __m512 size = _mm512_set1_ps(unit[index + q]);
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) {
        float* to = out + q * D + 16 * w;
        __m512 sum = _mm512_mul_ps(join(acc[q][0][w], acc[q][1][w]), size);
        store(to, _mm512_fmadd_ps(load(to), before, sum));
      }
    }
  }

  void weigh(
      int64_t queries, int64_t at, const int8_t* values, const int8_t* next, int64_t n, int64_t D,
      const float* factor, float* out) {
    each_tile<2>(queries, [&](auto tile, int64_t q) {
      each_piece<4>(D, [&](auto piece, int64_t d) {
        if_first(q, [&](auto first) {
          weigh<decltype(tile)::value, decltype(piece)::value, decltype(first)::value>(
              q, at, values + 4 * d, next + 4 * d, n, D, factor + q, out + q * D + d);
        });
      });
    });
  }
};

}  // namespace
}  // namespace QWARK_VARIANT
}  // namespace qwark
