// Products of queries and keys, and of weights and values, in bfloat16. Pairs of products are added to float32
// sums in one instruction, or in two where the processor has none for bfloat16.
#pragma once

#include <immintrin.h>

#include <cstring>

#include "attention_block.h"
#include "cache.h"
#include "simd.h"

namespace qwark {
namespace QWARK_VARIANT {
namespace {

#ifdef __AVX512BF16__
inline __m512 add_pairs(__m512 sum, __m512i a, __m512i b) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}
#else
inline __m512 add_pairs(__m512 sum, __m512i a, __m512i b) {
  const __m512i high = _mm512_set1_epi32(0xFFFF0000);
  sum = _mm512_fmadd_ps(
      _mm512_castsi512_ps(_mm512_slli_epi32(a, 16)), _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)),
      sum);
  return _mm512_fmadd_ps(
      _mm512_castsi512_ps(_mm512_and_si512(a, high)),
      _mm512_castsi512_ps(_mm512_and_si512(b, high)), sum);
}
#endif

inline void round(uint16_t* to, __m512 x) {
#ifdef __AVX512BF16__
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh(x));
#else
  store(to, x);
#endif
}

struct Bf16Block {
  using Element = uint16_t;
  static constexpr bool kScaled = false;

  // Queries in bfloat16 (n, D) and weights (n, kStretch).
  static int64_t query_bytes(int64_t D) { return 2 * D; }
  uint16_t weights[kGroup * kStretch];

  void put_query(const float* q, __m512 factor, int64_t D, void* queries, int64_t index) {
    uint16_t* to = static_cast<uint16_t*>(queries) + index * D;
    for (int64_t i = 0; i < D; i += kLanes) round(to + i, _mm512_mul_ps(load(q + i), factor));
  }

  // scores (Q, kStretch) of the first G groups of 16 keys.
  template <int Q, int G, bool Fetch>
  QWARK_OWN_REGISTERS static void dots(
      const uint16_t* queries, const uint16_t* keys, const uint16_t* next, int64_t D, float* scores) {
    __m512 acc[Q][G];
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) acc[q][g] = _mm512_setzero_ps();
    }
    for (int64_t d = 0; d < D; d += 2) {
      __m512i k[G];
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) {
        k[g] = _mm512_loadu_si512(keys + g * 16 * D + 16 * d);
        if (Fetch) fetch(next + g * 16 * D + 16 * d);
      }
#pragma GCC unroll 4
      for (int q = 0; q < Q; q++) {
        int32_t pair;
        std::memcpy(&pair, queries + q * D + d, 4);
        __m512i both = _mm512_set1_epi32(pair);
#pragma GCC unroll 4
        for (int g = 0; g < G; g++) acc[q][g] = add_pairs(acc[q][g], both, k[g]);
      }
    }
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 4
      for (int g = 0; g < G; g++) store(scores + q * kStretch + 16 * g, acc[q][g]);
    }
  }

  void dots(
      const void* all, int64_t n, const uint16_t* keys, const uint16_t* next, int64_t count, int64_t D,
      float* scores) {
    const uint16_t* queries = static_cast<const uint16_t*>(all);
    auto tiles = [&](auto groups, int64_t key) {
      constexpr int G = decltype(groups)::value;
      each_tile<4>(n, [&](auto tile, int64_t q) {
        if_first(q, [&](auto first) {
          dots<decltype(tile)::value, G, decltype(first)::value>(
              queries + q * D, keys + key * D, next + key * D, D, scores + q * kStretch + key);
        });
      });
    };
    if (n <= 2) {
      // What memory gives sets the pace, and it gives most when asked for one line after the other.
      for (int64_t key = 0; key < count; key += 16) tiles(Constant<1>(), key);
    } else {
      with_groups(count, [&](auto groups) { tiles(groups, 0); });
    }
  }

  void put_weights(const float* all, int64_t n, int64_t index) {
    uint16_t* to = weights + index * kStretch;
    for (int64_t i = 0; i < n; i += kLanes) round(to + i, load(all + i));
  }

  // out (Q, D) = out times factor (Q) + weights times the first n values, W vectors of 16 numbers at a time.
  template <int Q, int W, bool Fetch>
  QWARK_OWN_REGISTERS static void weigh(
      const uint16_t* weights, const uint16_t* values, const uint16_t* next, int64_t n, int64_t D,
      const float* factor, float* out) {
    __m512 acc[Q][W];
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 8
      for (int w = 0; w < W; w++) {
        acc[q][w] = _mm512_mul_ps(load(out + q * D + 16 * w), _mm512_set1_ps(factor[q]));
      }
    }
    for (int64_t t = 0; t < n; t += 2) {
      // Behind the last token may lie anything, even what is not a number.
      __mmask32 there = t + 1 < n ? 0xFFFFFFFF : 0x55555555;
      __m512i v[W];
#pragma GCC unroll 8
      for (int w = 0; w < W; w++) {
        v[w] = _mm512_maskz_loadu_epi16(there, values + t * D + 32 * w);
        if (Fetch) fetch(next + t * D + 32 * w);
      }
#pragma GCC unroll 4
      for (int q = 0; q < Q; q++) {
        int32_t pair;
        std::memcpy(&pair, weights + q * kStretch + t, 4);
        __m512i both = _mm512_set1_epi32(pair);
#pragma GCC unroll 8
        for (int w = 0; w < W; w++) acc[q][w] = add_pairs(acc[q][w], both, v[w]);
      }
    }
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 8
      for (int w = 0; w < W; w++) store(out + q * D + 16 * w, acc[q][w]);
    }
  }

  void weigh(
      int64_t queries, int64_t at, const uint16_t* values, const uint16_t* next, int64_t n, int64_t D,
      const float* factor, float* out) {
    auto tiles = [&](auto most, auto together) {
      each_tile<decltype(together)::value>(queries, [&](auto tile, int64_t q) {
        each_piece<decltype(most)::value>(D, [&](auto piece, int64_t d) {
          if_first(q, [&](auto first) {
            weigh<decltype(tile)::value, decltype(piece)::value, decltype(first)::value>(
                weights + q * kStretch + at, values + 2 * d, next + 2 * d, n, D, factor + q, out + q * D + d);
          });
        });
      });
    };
    if (queries <= 2) {
      // Whole rows of values, for the same reason as above.
      tiles(Constant<8>(), Constant<2>());
    } else {
      tiles(Constant<4>(), Constant<4>());
    }
  }
};

}  // namespace
}  // namespace QWARK_VARIANT
}  // namespace qwark
