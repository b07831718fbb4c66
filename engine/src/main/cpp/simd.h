// Vector helpers. All sums are taken in an order that depends on the length alone.
#pragma once

#include <immintrin.h>

#include <cmath>
#include <cstdint>

namespace qwark {

constexpr int kLanes = 16;

static inline __mmask16 first(int64_t n) {
  return n >= kLanes ? 0xFFFF : static_cast<__mmask16>((1u << n) - 1);
}

// Ask for n numbers: to be read, from the core's second cache, or to be written.
static inline void fetch_to_read(const float* p, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) __builtin_prefetch(p + i, 0, 2);
}
static inline void fetch_to_write(float* p, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) __builtin_prefetch(p + i, 1);
}

static inline __m512 load(const float* p) { return _mm512_loadu_ps(p); }

static inline void store(float* p, __m512 x) { _mm512_storeu_ps(p, x); }

// As bfloat16, the upper half of a float32: rounds to the nearest, ties to even; not-a-number stays one.
static inline void store(uint16_t* p, __m512 x) {
  __m512i bits = _mm512_castps_si512(x);
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
  __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  rounded = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x400000));
  _mm256_storeu_si256(
      reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
}

// e^x to about 2 units in the last place: 2^n times a polynomial in the remainder, whose coefficients
// are those of the Taylor series (remainder at most 0.35).
static inline __m512 exp(__m512 x) {
  // In this order of arguments not-a-number stays one.
  x = _mm512_min_ps(_mm512_set1_ps(89.f), _mm512_max_ps(_mm512_set1_ps(-105.f), x));
  __m512 n = _mm512_roundscale_ps(
      _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // ln 2 in two parts, of which the first has few bits.
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  __m512 p = _mm512_set1_ps(1.f / 5040);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 720));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f));
  return _mm512_scalef_ps(p, n);
}

// 2^x to about 2 units in the last place, for x up to 0, in the same manner.
static inline __m512 exp2(__m512 x) {
  x = _mm512_max_ps(_mm512_set1_ps(-160.f), x);
  __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_sub_ps(x, n);
  __m512 p = _mm512_set1_ps(1.5403530e-4f);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3333558e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(9.6181291e-3f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.5504109e-2f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(2.4022651e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(6.9314718e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f));
  return _mm512_scalef_ps(p, n);
}

// Calls body(index, mask of the lanes that count) for n numbers, 16 at a time.
template <typename F>
static inline void each_vector(int64_t n, F body) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) body(i, static_cast<__mmask16>(0xFFFF));
  if (i < n) body(i, first(n - i));
}

// The inverse root of the mean square of x.
static inline __m512 inverse_size(const float* x, float eps, int64_t n) {
  __m512 sums[4] = {
      _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      __m512 v = load(x + i + kLanes * j);
      sums[j] = _mm512_fmadd_ps(v, v, sums[j]);
    }
  }
  for (; i < n; i += kLanes) {
    __m512 v = _mm512_maskz_loadu_ps(first(n - i), x + i);
    sums[0] = _mm512_fmadd_ps(v, v, sums[0]);
  }
  __m512 sum = _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3]));
  return _mm512_set1_ps(1.f / std::sqrt(_mm512_reduce_add_ps(sum) / n + eps));
}

// x times the inverse root of its mean square, times a weight: into y, which may be x.
static inline void rms_norm(const float* x, const float* weight, float eps, float* y, int64_t n) {
  __m512 scale = inverse_size(x, eps, n);
  each_vector(n, [&](int64_t j, __mmask16 k) {
    __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(k, x + j), scale);
    _mm512_mask_storeu_ps(y + j, k, _mm512_mul_ps(v, _mm512_maskz_loadu_ps(k, weight + j)));
  });
}

}  // namespace qwark
