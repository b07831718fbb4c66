// Products of queries and keys, and of weights and values, in float32.
#pragma once

#include <immintrin.h>

#include "attention_block.h"
#include "simd.h"

namespace qwark {
namespace QWARK_VARIANT {
namespace {

// The sums of 16 vectors, in their order. Every vector's lanes are added up in the same order. Inlined, so
// that the vectors stay in registers.
__attribute__((always_inline)) inline __m512 sums(const __m512 (&v)[16]) {
  __m512 a[8], b[4], c[2];
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) {
    a[i] = _mm512_add_ps(
        _mm512_unpacklo_ps(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_ps(v[2 * i], v[2 * i + 1]));
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    __m512d x = _mm512_castps_pd(a[2 * i]), y = _mm512_castps_pd(a[2 * i + 1]);
    b[i] = _mm512_add_ps(
        _mm512_castpd_ps(_mm512_unpacklo_pd(x, y)), _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    c[i] = _mm512_add_ps(
        _mm512_shuffle_f32x4(b[2 * i], b[2 * i + 1], 0x88),
        _mm512_shuffle_f32x4(b[2 * i], b[2 * i + 1], 0xDD));
  }
  return _mm512_add_ps(
      _mm512_shuffle_f32x4(c[0], c[1], 0x88), _mm512_shuffle_f32x4(c[0], c[1], 0xDD));
}

struct FloatBlock {
  using Element = float;
  static constexpr bool kScaled = false;

  float weights[kGroup * kStretch];

  // Queries (n, D).
  static int64_t query_bytes(int64_t D) { return 4 * D; }

  void put_query(const float* q, __m512 factor, int64_t D, void* queries, int64_t index) {
    float* to = static_cast<float*>(queries) + index * D;
    for (int64_t i = 0; i < D; i += kLanes) store(to + i, _mm512_mul_ps(load(q + i), factor));
  }

  // scores (Q, kStretch) of Q queries with 16 / Q keys each.
  template <int Q>
  static void dots(const float* queries, const float* keys, int64_t D, float* scores) {
    constexpr int K = 16 / Q;
    __m512 acc[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) acc[i] = _mm512_setzero_ps();
    for (int64_t d = 0; d < D; d += kLanes) {
      __m512 q[Q];
#pragma GCC unroll 4
      for (int i = 0; i < Q; i++) q[i] = load(queries + i * D + d);
#pragma GCC unroll 16
      for (int k = 0; k < K; k++) {
        __m512 key = load(keys + k * D + d);
#pragma GCC unroll 4
        for (int i = 0; i < Q; i++) acc[i * K + k] = _mm512_fmadd_ps(q[i], key, acc[i * K + k]);
      }
    }
    alignas(64) float flat[16];
    _mm512_store_ps(flat, sums(acc));
#pragma GCC unroll 4
    for (int i = 0; i < Q; i++) {
      for (int k = 0; k < K; k++) scores[i * kStretch + k] = flat[i * K + k];
    }
  }

  // What lies behind the last key is read, too, and not used: the cache ends after 16 tokens at the earliest.
  void dots(
      const void* all, int64_t n, const float* keys, const float*, int64_t count, int64_t D,
      float* scores) {
    const float* queries = static_cast<const float*>(all);
    each_tile<4>(n, [&](auto tile, int64_t q) {
      constexpr int Q = decltype(tile)::value;
      for (int64_t k = 0; k < count; k += 16 / Q) {
        dots<Q>(queries + q * D, keys + k * D, D, scores + q * kStretch + k);
      }
    });
  }

  void put_weights(const float* all, int64_t n, int64_t index) {
    std::copy_n(all, n, weights + index * kStretch);
  }

  // out (Q, D) = out times factor (Q) + weights times the first n values, W vectors of 16 numbers at a time.
  template <int Q, int W>
  static void weigh(
      const float* weights, const float* values, int64_t n, int64_t D, const float* factor, float* out) {
    __m512 acc[Q][W];
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) {
        acc[q][w] = _mm512_mul_ps(load(out + q * D + 16 * w), _mm512_set1_ps(factor[q]));
      }
    }
    for (int64_t t = 0; t < n; t++) {
      __m512 v[W];
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) v[w] = load(values + t * D + 16 * w);
#pragma GCC unroll 4
      for (int q = 0; q < Q; q++) {
        __m512 p = _mm512_set1_ps(weights[q * kStretch + t]);
#pragma GCC unroll 4
        for (int w = 0; w < W; w++) acc[q][w] = _mm512_fmadd_ps(p, v[w], acc[q][w]);
      }
    }
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
#pragma GCC unroll 4
      for (int w = 0; w < W; w++) store(out + q * D + 16 * w, acc[q][w]);
    }
  }

  void weigh(
      int64_t queries, int64_t at, const float* values, const float*, int64_t n, int64_t D,
      const float* factor, float* out) {
    each_tile<4>(queries, [&](auto tile, int64_t q) {
      each_piece<4>(D, [&](auto piece, int64_t d) {
        weigh<decltype(tile)::value, decltype(piece)::value>(
            weights + q * kStretch + at, values + d, n, D, factor + q, out + q * D + d);
      });
    });
  }
};

}  // namespace
}  // namespace QWARK_VARIANT
}  // namespace qwark
