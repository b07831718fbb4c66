#include "int4.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>

#include "simd.h"
#include "weight.h"

namespace qwark {
namespace {

// Numbers, the codes of which a step and a base determine, and what they lose.
struct Rounding {
  __m512 numbers[2];

  // Squares of the errors; of the codes if asked for.
  float error(float step, float base, __m512i* codes = nullptr) const {
    // Nothing that is stored is above 255.
    __m512 most = _mm512_set1_ps(std::min(15.f, std::floor((255.f - base) / step)));
    __m512 sum = _mm512_setzero_ps();
    for (int i = 0; i < 2; i++) {
      __m512 from_base = _mm512_sub_ps(numbers[i], _mm512_set1_ps(base));
      __m512 code = _mm512_roundscale_ps(
          _mm512_mul_ps(from_base, _mm512_set1_ps(1.f / step)),
          _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
      code = _mm512_min_ps(_mm512_max_ps(code, _mm512_setzero_ps()), most);
      if (codes != nullptr) codes[i] = _mm512_cvtps_epi32(code);
      __m512 lost = _mm512_fnmadd_ps(code, _mm512_set1_ps(step), from_base);
      sum = _mm512_fmadd_ps(lost, lost, sum);
    }
    return _mm512_reduce_add_ps(sum);
  }
};

}  // namespace

Int4Group round_group(const float* numbers) {
  Rounding rounding{{load(numbers), load(numbers + kLanes)}};
  float least = _mm512_reduce_min_ps(_mm512_min_ps(rounding.numbers[0], rounding.numbers[1]));
  float largest = _mm512_reduce_max_ps(_mm512_max_ps(rounding.numbers[0], rounding.numbers[1]));
  // Wide enough for all, or finer: what lies outside then loses more and all the others less.
  float wide = (largest - least) / 15;
  float best = INFINITY, best_step = 1, best_base = 0;
  for (float step = std::max(1.f, std::floor(0.7f * wide)); step <= std::max(1.f, std::ceil(wide)); step++) {
    float middle = std::round((least + largest - 15 * step) / 2);
    float shift = std::max(1.f, std::floor(step / 4));
    for (int i = -2; i <= 2; i++) {
      float base = std::min(255.f, std::max(0.f, middle + shift * i));
      float error = rounding.error(step, base);
      if (error < best) {
        best = error;
        best_step = step;
        best_base = base;
      }
    }
  }
  Int4Group group;
  __m512i codes[2];
  rounding.error(best_step, best_base, codes);
  for (int i = 0; i < 2; i++) {
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(group.codes + kLanes * i), _mm512_cvtepi32_epi8(codes[i]));
  }
  group.step = static_cast<uint8_t>(best_step);
  group.base = static_cast<uint8_t>(best_base);
  return group;
}

}  // namespace qwark
