#include "rounding.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "simd.h"

namespace qwark {
namespace {

// A number is an outlier that is so many times as large as its row's root mean square.
constexpr float kOutlier = 4;

struct Magnitude {
  float largest;  // above 0
  float root_mean_square;
  bool number;    // whether all of the row are numbers
};

Magnitude magnitude(const float* x, int64_t n) {
  // Each sum waits for the one before it, so that four are taken at a time.
  __m512 largest[4], squares[4];
  __mmask16 nan = 0;
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) largest[j] = squares[j] = _mm512_setzero_ps();
  auto add = [&](int j, __m512 v) __attribute__((always_inline)) {
    v = _mm512_abs_ps(v);
    nan |= _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    largest[j] = _mm512_max_ps(largest[j], v);
    squares[j] = _mm512_fmadd_ps(v, v, squares[j]);
  };
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) add(j, load(x + i + kLanes * j));
  }
  for (; i < n; i += kLanes) add(0, _mm512_maskz_loadu_ps(first(n - i), x + i));
  __m512 most = _mm512_max_ps(_mm512_max_ps(largest[0], largest[1]), _mm512_max_ps(largest[2], largest[3]));
  __m512 sum = _mm512_add_ps(_mm512_add_ps(squares[0], squares[1]), _mm512_add_ps(squares[2], squares[3]));
  return {
      std::max(_mm512_reduce_max_ps(most), 1e-12f), std::sqrt(_mm512_reduce_add_ps(sum) / n), nan == 0};
}

// values = x times factor, rounded; of outliers only the lower bits. Returns the sum, outliers whole.
int32_t round_row(const float* x, int64_t n, float factor, int8_t* values) {
  __m512i total = _mm512_setzero_si512();
  each_vector(n, [&](int64_t i, __mmask16 k) {
    __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(k, x + i), _mm512_set1_ps(factor));
    __m512i q = _mm512_cvtps_epi32(v);
    total = _mm512_add_epi32(total, q);
    _mm_mask_storeu_epi8(values + i, k, _mm512_cvtepi32_epi8(q));
  });
  return _mm512_reduce_add_epi32(total);
}

// The groups of a row that have a number beyond the limit; more than Outliers::kMost if there are more. `below`
// becomes the largest magnitude of the other groups.
int find_outliers(const float* x, int64_t n, float limit, Outliers* outliers, float* below) {
  int count = 0;
  __m512 largest = _mm512_setzero_ps();
  for (int64_t i = 0; i < n; i += kLanes) {
    __m512 v = _mm512_abs_ps(_mm512_maskz_loadu_ps(first(n - i), x + i));
    uint32_t beyond = _mm512_cmp_ps_mask(v, _mm512_set1_ps(limit), _CMP_GT_OQ);
    for (int g = 0; beyond != 0 && g < 4; g++) {
      uint32_t group = 0xFu << (4 * g);
      if ((beyond & group) == 0) continue;
      if (count == Outliers::kMost) return count + 1;
      outliers->group[count++] = static_cast<int32_t>(i / 4 + g);
      v = _mm512_mask_mov_ps(v, static_cast<__mmask16>(group), _mm512_setzero_ps());
    }
    largest = _mm512_max_ps(largest, v);
  }
  *below = _mm512_reduce_max_ps(largest);
  return count;
}

// Divides the outliers' numbers between values and high.
void split_outliers(const float* x, float factor, int8_t* values, Outliers* outliers) {
  for (int i = 0; i < outliers->count; i++) {
    int64_t column = 4 * static_cast<int64_t>(outliers->group[i]);
    int8_t high[4];
    for (int j = 0; j < 4; j++) {
      int32_t code = _mm_cvt_ss2si(_mm_set_ss(x[column + j] * factor));
      high[j] = static_cast<int8_t>((code + 64) >> 7);
      values[column + j] = static_cast<int8_t>(code - 128 * high[j]);
    }
    std::memcpy(&outliers->high[i], high, 4);
  }
}

}  // namespace

void quantize_row(const float* x, int64_t n, int8_t* values, float* scale) {
  Magnitude size = magnitude(x, n);
  round_row(x, n, 127.f / size.largest, values);
  *scale = size.number ? size.largest / 127.f : NAN;
}

void quantize_activations(
    const float* x, int64_t n, int8_t* values, float* scale, int32_t* sum, Outliers* outliers) {
  Magnitude size = magnitude(x, n);
  float below = size.largest;
  float limit = kOutlier * size.root_mean_square;
  outliers->count = 0;
  if (size.largest > limit && size.number) {
    int count = find_outliers(x, n, limit, outliers, &below);
    while (count > Outliers::kMost) {
      limit *= 1.25f;
      count = find_outliers(x, n, limit, outliers, &below);
    }
    outliers->count = count;
    // The high numbers have 8 bits, too.
    below = std::max(below, size.largest / 128);
  }
  float factor = 127.f / below;
  *sum = round_row(x, n, factor, values);
  split_outliers(x, factor, values, outliers);
  *scale = size.number ? below / 127.f : NAN;
}

}  // namespace qwark
