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

// Divides an outlier's four numbers between values and high.
void split_outlier(const float* x, float factor, int8_t* values, int32_t* high) {
  __m128i codes = _mm_cvtps_epi32(_mm_mul_ps(_mm_loadu_ps(x), _mm_set1_ps(factor)));
  __m128i upper = _mm_srai_epi32(_mm_add_epi32(codes, _mm_set1_epi32(64)), 7);
  __m128i lower = _mm_sub_epi32(codes, _mm_slli_epi32(upper, 7));
  *high = _mm_cvtsi128_si32(_mm_cvtepi32_epi8(upper));
  _mm_storeu_si32(values, _mm_cvtepi32_epi8(lower));
}

// The largest of each four lanes, in all of them.
__m512 largest_of_four(__m512 v) {
  v = _mm512_max_ps(v, _mm512_permute_ps(v, 0xB1));
  return _mm512_max_ps(v, _mm512_permute_ps(v, 0x4E));
}

}  // namespace

void quantize_row(const float* x, int64_t n, int8_t* values, float* scale) {
  Magnitude size = magnitude(x, n);
  round_row(x, n, 127.f / size.largest, values);
  *scale = size.number ? size.largest / 127.f : NAN;
}

void ActivationRounding::resize(int64_t n) {
  n_ = n;
  vectors_.resize(n / kLanes + 1);
  groups_.resize(n / 4 + 4);
  largest_.resize(n / 4 + 4);
}

float ActivationRounding::find(const float* x, float limit) {
  // Numbers beyond the limit come without warning: few branches depend on them.
  int64_t hits = 0;
  __m512 others = _mm512_setzero_ps();
  for (int64_t i = 0; i < n_; i += kLanes) {
    __m512 v = _mm512_abs_ps(_mm512_maskz_loadu_ps(first(n_ - i), x + i));
    bool hit = _mm512_cmp_ps_mask(v, _mm512_set1_ps(limit), _CMP_GT_OQ) != 0;
    others = _mm512_mask_max_ps(others, static_cast<__mmask16>(hit - 1), others, v);
    vectors_[hits] = static_cast<int32_t>(i);
    hits += hit;
  }
  float below = _mm512_reduce_max_ps(others);
  count_ = 0;
  for (int64_t h = 0; h < hits; h++) {
    int32_t i = vectors_[h];
    float largest[kLanes];
    store(largest, largest_of_four(_mm512_abs_ps(_mm512_maskz_loadu_ps(first(n_ - i), x + i))));
    for (int32_t g = 0; g < 4; g++) {
      bool beyond = largest[4 * g] > limit;
      groups_[count_] = i / 4 + g;
      largest_[count_] = largest[4 * g];
      count_ += beyond;
      below = std::max(below, beyond ? 0.f : largest[4 * g]);
    }
  }
  return below;
}

float ActivationRounding::choose(float limit, float below, Outliers* outliers) {
  while (std::count_if(largest_.begin(), largest_.begin() + count_, [&](float v) { return v > limit; }) > Outliers::kMost) {
    limit *= 1.25f;
  }
  for (int64_t c = 0; c < count_; c++) {
    if (largest_[c] > limit) {
      outliers->group[outliers->count++] = groups_[c];
    } else {
      below = std::max(below, largest_[c]);
    }
  }
  return below;
}

void ActivationRounding::round(
    const float* x, int8_t* values, float* scale, int32_t* sum, Outliers* outliers) {
  Magnitude size = magnitude(x, n_);
  float below = size.largest;
  float limit = kOutlier * size.root_mean_square;
  outliers->count = 0;
  if (size.largest > limit && size.number) {
    below = choose(limit, find(x, limit), outliers);
    // The high numbers have 8 bits, too.
    below = std::max(below, size.largest / 128);
  }
  float factor = 127.f / below;
  *sum = round_row(x, n_, factor, values);
  for (int32_t i = 0; i < outliers->count; i++) {
    int64_t column = 4 * static_cast<int64_t>(outliers->group[i]);
    split_outlier(x + column, factor, values + column, &outliers->high[i]);
  }
  *scale = size.number ? below / 127.f : NAN;
}

}  // namespace qwark
