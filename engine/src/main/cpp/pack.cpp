#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#include "int4.h"
#include "simd.h"
#include "threads.h"
#include "torch_api.h"
#include "weight.h"

namespace qwark {
namespace {

// Loads the numbers of a checkpoint from `at` on that the mask names.
__m512 load_any(const void* data, int dtype, int64_t at, __mmask16 k) {
  if (dtype == kFloat32) return _mm512_maskz_loadu_ps(k, static_cast<const float*>(data) + at);
  __m256i half = _mm256_maskz_loadu_epi16(k, static_cast<const uint16_t*>(data) + at);
  if (dtype == kFloat16) return _mm512_cvtph_ps(half);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

// A row of a checkpoint.
struct SourceRow {
  const void* data;
  int dtype;
  int64_t from, K;

  __m512 load(int64_t k) const { return load_any(data, dtype, from + k, first(K - k)); }

  // By which its numbers are divided; not-a-number if some weight is infinite or not a number.
  float scale() const {
    __m512 largest = _mm512_setzero_ps();
    __mmask16 finite = 0xFFFF;
    for (int64_t k = 0; k < K; k += kLanes) {
      __m512 w = _mm512_abs_ps(load(k));
      finite &= _mm512_cmp_ps_mask(w, _mm512_set1_ps(INFINITY), _CMP_LT_OQ);
      largest = _mm512_max_ps(largest, w);
    }
    return finite == 0xFFFF ? std::max(_mm512_reduce_max_ps(largest) / 127.f, 1e-12f) : NAN;
  }
};

// Where a row of a packed weight begins.
uint8_t* row_in(uint8_t* packed, int bits, int64_t row, int64_t K) {
  return packed + row / kPanel * PackedWeight{packed, bits}.panel_bytes(K);
}

void pack_int8(const SourceRow& row, float scale, uint8_t* panel, int64_t at) {
  uint8_t* to = panel + 4 * at;
  __m512 divisor = _mm512_set1_ps(scale);
  for (int64_t k = 0; k < row.K; k += kLanes) {
    __m512i q = _mm512_cvtps_epi32(_mm512_div_ps(row.load(k), divisor));
    alignas(16) uint8_t bytes[16];
    __m128i small = _mm512_cvtepi32_epi8(_mm512_add_epi32(q, _mm512_set1_epi32(128)));
    _mm_store_si128(reinterpret_cast<__m128i*>(bytes), small);
    for (int64_t i = 0; i < kLanes && k + i < row.K; i += 4) {
      std::memcpy(to + (k + i) * kPanel, bytes + i, 4);
    }
  }
}

void place_int4(const Int4Group& group, uint8_t* to, int64_t at) {
  for (int64_t i = 0; i < 4; i++) {
    for (int64_t k = 0; k < 4; k++) {
      to[256 * i + 4 * at + k] = static_cast<uint8_t>(group.codes[8 * i + k] | group.codes[8 * i + 4 + k] << 4);
    }
  }
  to[kGroupCodes + at] = group.step;
  to[kGroupCodes + kPanel + at] = group.base;
}

void pack_int4(const SourceRow& row, float scale, uint8_t* panel, int64_t at) {
  __m512 divisor = _mm512_set1_ps(scale);
  for (int64_t k = 0; k < row.K; k += kGroup) {
    float numbers[kGroup];
    for (int64_t i = 0; i < kGroup; i += kLanes) {
      store(numbers + i, _mm512_add_ps(_mm512_div_ps(row.load(k + i), divisor), _mm512_set1_ps(128.f)));
    }
    place_int4(round_group(numbers), panel + k / kGroup * kGroupBytes, at);
  }
}

// Whether the row holds numbers only.
bool pack_row(const SourceRow& row, uint8_t* packed, int bits, float* scale, int64_t at) {
  float s = row.scale();
  if (std::isnan(s)) return false;
  scale[at] = s;
  uint8_t* panel = row_in(packed, bits, at, row.K);
  (bits == 4 ? pack_int4 : pack_int8)(row, s, panel, at % kPanel);
  return true;
}

}  // namespace

bool pack_rows(
    const void* rows, int dtype, int64_t n, int64_t K, uint8_t* packed, int bits, float* scale, int64_t row,
    const RowPlaces& places) {
  std::atomic<bool> finite{true};
  int64_t parts = std::min<int64_t>(n, 64 * threads());
  parallel(parts, [&](int64_t part) {
    for (int64_t r = n * part / parts; r < n * (part + 1) / parts; r++) {
      SourceRow source{rows, dtype, r * K, K};
      if (!pack_row(source, packed, bits, scale, places.of(row + r))) finite = false;
    }
  });
  return finite;
}

void place_rows(
    const int8_t* codes, const float* row_scale, int64_t n, int64_t K, uint8_t* packed, float* scale,
    int64_t row, const RowPlaces& places) {
  for (int64_t r = 0; r < n; r++) {
    int64_t at = places.of(row + r);
    scale[at] = row_scale[r];
    uint8_t* to = row_in(packed, 8, at, K) + 4 * (at % kPanel);
    for (int64_t k = 0; k < K; k++) {
      to[k / 4 * 4 * kPanel + k % 4] = static_cast<uint8_t>(codes[r * K + k] + 128);
    }
  }
}

void pad_rows(int64_t N, int64_t K, uint8_t* packed, int bits) {
  for (int64_t row = N; row < panels(N) * kPanel; row++) {
    uint8_t* panel = row_in(packed, bits, row, K);
    int64_t at = row % kPanel;
    if (bits == 4) {
      Int4Group zeros{{}, 1, 128};
      for (int64_t k = 0; k < K; k += kGroup) place_int4(zeros, panel + k / kGroup * kGroupBytes, at);
    } else {
      for (int64_t k = 0; k < K; k += 4) std::memset(panel + k * kPanel + 4 * at, 128, 4);
    }
  }
}

}  // namespace qwark
