#include "int4.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>

#include "simd.h"
#include "weight.h"

namespace qwark {
namespace {

// Steps and bases by which a group can be rounded, one in each lane.
struct Roundings {
  __m512 step, inverse, base;
  __m512 most;  // largest code: nothing that is stored is above 255

  Roundings(__m512 steps, __m512 bases)
      : step(steps), inverse(_mm512_div_ps(_mm512_set1_ps(1.f), steps)), base(bases) {
    __m512 room = _mm512_div_ps(_mm512_sub_ps(_mm512_set1_ps(255.f), bases), steps);
    most = _mm512_min_ps(
        _mm512_set1_ps(15.f), _mm512_roundscale_ps(room, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC));
  }

  __m512 code(__m512 from_base) const {
    __m512 code = _mm512_roundscale_ps(
        _mm512_mul_ps(from_base, inverse), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    return _mm512_min_ps(_mm512_max_ps(code, _mm512_setzero_ps()), most);
  }

  __m512 add_loss(float number, __m512 sum) const {
    __m512 from_base = _mm512_sub_ps(_mm512_set1_ps(number), base);
    __m512 lost = _mm512_fnmadd_ps(code(from_base), step, from_base);
    return _mm512_fmadd_ps(lost, lost, sum);
  }

  // What the numbers lose: sums of squares.
  __m512 error(const float* numbers) const {
    __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
    for (int64_t i = 0; i < kGroup; i += 2) {
      even = add_loss(numbers[i], even);
      odd = add_loss(numbers[i + 1], odd);
    }
    return _mm512_add_ps(even, odd);
  }
};

// Shifts of the base that are tried, in quarters of a step.
constexpr int kShifts = 5;

// Steps that are tried: no group is wider than 255.
constexpr int kSteps = 8;

constexpr int kTried = (kShifts * kSteps + kLanes - 1) / kLanes * kLanes;

}  // namespace

Int4Group round_group(const float* numbers) {
  __m512 first = load(numbers), second = load(numbers + kLanes);
  float least = _mm512_reduce_min_ps(_mm512_min_ps(first, second));
  float largest = _mm512_reduce_max_ps(_mm512_max_ps(first, second));
  // Wide enough for all, or finer: what lies outside then loses more and all the others less.
  float wide = (largest - least) / 15;
  float steps[kTried], bases[kTried];
  int count = 0;
  for (float step = std::max(1.f, std::floor(0.7f * wide)); step <= std::max(1.f, std::ceil(wide)); step++) {
    float middle = (least + largest - 15 * step) / 2;
    middle = std::trunc(middle + std::copysign(0.5f, middle));
    float shift = std::max(1.f, std::floor(step / 4));
    for (int i = 0; i < kShifts; i++, count++) {
      steps[count] = step;
      bases[count] = std::min(255.f, std::max(0.f, middle + shift * (i - kShifts / 2)));
    }
  }
  float least_error = INFINITY;
  int best = 0;
  for (int i = 0; i < count; i += kLanes) {
    // The last lanes may try again what was tried.
    for (int j = count; j < i + kLanes; j++) {
      steps[j] = steps[0];
      bases[j] = bases[0];
    }
    __m512 error = Roundings(load(steps + i), load(bases + i)).error(numbers);
    float smallest = _mm512_reduce_min_ps(error);
    if (smallest < least_error) {
      least_error = smallest;
      best = i + __builtin_ctz(_mm512_cmp_ps_mask(error, _mm512_set1_ps(smallest), _CMP_EQ_OQ));
    }
  }
  Int4Group group;
  Roundings chosen(_mm512_set1_ps(steps[best]), _mm512_set1_ps(bases[best]));
  for (int i = 0; i < 2; i++) {
    __m512i codes = _mm512_cvtps_epi32(chosen.code(_mm512_sub_ps(i == 0 ? first : second, chosen.base)));
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(group.codes + kLanes * i), _mm512_cvtepi32_epi8(codes));
  }
  group.step = static_cast<uint8_t>(steps[best]);
  group.base = static_cast<uint8_t>(bases[best]);
  return group;
}

}  // namespace qwark
