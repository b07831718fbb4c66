#include "linear.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "simd.h"
#include "threads.h"
#include "torch_api.h"

namespace qwark {
namespace {

// Sizes of the blocks that stay in a core's caches (1 MiB of second level): rows of x, and columns.
constexpr int64_t kRowBlock = 192;
constexpr int64_t kColumnBlock = 2048;

// Rows that are multiplied at once. With 64 columns of y they take 24 of the 32 vector registers.
constexpr int64_t kTile = 6;

// Bytes that the weights are fetched ahead of their use.
constexpr int64_t kAhead = 2048;

// sums (R, 64) = or += x (R rows, 4 k4 columns, `stride` apart) times a piece of a panel. At each of the k4 steps a
// line of memory is brought into the core's second cache, from `next` on and `step` bytes apart.
template <int R>
void tile(
    const int8_t* x, int64_t stride, const uint8_t* panel, int64_t k4, int32_t* sums, bool fresh,
    const uint8_t* next, int64_t step) {
  __m512i acc[R][4];
#pragma GCC unroll 6
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      acc[r][j] = fresh ? _mm512_setzero_si512() : _mm512_load_si512(sums + kPanel * r + 16 * j);
    }
  }
  for (int64_t k = 0; k < k4; k++, panel += 4 * kPanel, next += step) {
    _mm_prefetch(reinterpret_cast<const char*>(next), _MM_HINT_T1);
    __m512i w[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      w[j] = _mm512_loadu_si512(panel + 64 * j);
      _mm_prefetch(reinterpret_cast<const char*>(panel + kAhead + 64 * j), _MM_HINT_T0);
    }
#pragma GCC unroll 6
    for (int r = 0; r < R; r++) {
      int32_t four;
      std::memcpy(&four, x + r * stride + 4 * k, 4);
      __m512i values = _mm512_set1_epi32(four);
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) acc[r][j] = _mm512_dpbusd_epi32(acc[r][j], w[j], values);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) _mm512_store_si512(sums + kPanel * r + 16 * j, acc[r][j]);
  }
}

using Tile = void (*)(
    const int8_t*, int64_t, const uint8_t*, int64_t, int32_t*, bool, const uint8_t*, int64_t);
constexpr Tile kTiles[kTile + 1] = {nullptr, tile<1>, tile<2>, tile<3>, tile<4>, tile<5>, tile<6>};

// What 16 sums of a row stand for: takes back the 128 that was added to each weight, and scales.
struct RowScale {
  __m512i offset;
  __m512 scale;

  RowScale(const QuantizedRows& x, int64_t row)
      : offset(_mm512_set1_epi32(128 * x.sum[row])), scale(_mm512_set1_ps(x.scale[row])) {}

  __m512 of(const int32_t* sums, __m512 column_scales) const {
    __m512i sum = _mm512_sub_epi32(_mm512_load_si512(sums), offset);
    return _mm512_mul_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), column_scales), scale);
  }
};

// Sums of a panel, of which the first columns count, to y, whose rows are `stride` apart.
void write(
    const int32_t* sums, const QuantizedRows& x, int64_t row, int64_t rows, const float* scale,
    int64_t columns, float* y, int64_t stride, bool accumulate) {
  for (int64_t r = 0; r < rows; r++) {
    RowScale meaning(x, row + r);
    for (int64_t c = 0; c < columns; c += kLanes) {
      __mmask16 k = first(columns - c);
      __m512 v = meaning.of(sums + kPanel * r + c, _mm512_maskz_loadu_ps(k, scale + c));
      float* to = y + r * stride + c;
      if (accumulate) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(k, to));
      _mm512_mask_storeu_ps(to, k, v);
    }
  }
}

// silu(gate) up of a panel's two halves.
void write_gated(
    const int32_t* sums, const QuantizedRows& x, int64_t row, int64_t rows, const float* scale, float* y,
    int64_t stride) {
  for (int64_t r = 0; r < rows; r++) {
    RowScale meaning(x, row + r);
    for (int64_t c = 0; c < kTurn; c += kLanes) {
      const int32_t* from = sums + kPanel * r + c;
      __m512 gate = meaning.of(from, load(scale + c));
      __m512 up = meaning.of(from + kTurn, load(scale + kTurn + c));
      __m512 e = exp(_mm512_sub_ps(_mm512_setzero_ps(), gate));
      __m512 silu = _mm512_div_ps(gate, _mm512_add_ps(_mm512_set1_ps(1.f), e));
      store(y + r * stride + c, _mm512_mul_ps(silu, up));
    }
  }
}

// Adds what a row's outliers have beyond 8 bits to its sums.
void add_outliers(const Outliers& outliers, const uint8_t* panel, int32_t* sums) {
  __m512i acc[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) acc[j] = _mm512_setzero_si512();
  for (int32_t i = 0; i < outliers.count; i++) {
    const uint8_t* w = panel + static_cast<int64_t>(outliers.group[i]) * 4 * kPanel;
    __m512i values = _mm512_set1_epi32(outliers.high[i]);
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      acc[j] = _mm512_dpbusd_epi32(acc[j], _mm512_loadu_si512(w + 64 * j), values);
    }
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    __m512i sum = _mm512_load_si512(sums + 16 * j);
    _mm512_store_si512(sums + 16 * j, _mm512_add_epi32(sum, _mm512_slli_epi32(acc[j], 7)));
  }
}

// Loads the numbers of a checkpoint from `at` on that the mask names.
__m512 load_any(const void* data, int dtype, int64_t at, __mmask16 k) {
  if (dtype == kFloat32) return _mm512_maskz_loadu_ps(k, static_cast<const float*>(data) + at);
  __m256i half = _mm256_maskz_loadu_epi16(k, static_cast<const uint16_t*>(data) + at);
  if (dtype == kFloat16) return _mm512_cvtph_ps(half);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

// Whether the row holds numbers only.
bool pack_row(
    const void* rows, int dtype, int64_t row, int64_t K, uint8_t* packed, float* scale, int64_t at) {
  __m512 largest = _mm512_setzero_ps();
  __mmask16 finite = 0xFFFF;
  for (int64_t k = 0; k < K; k += kLanes) {
    __m512 w = _mm512_abs_ps(load_any(rows, dtype, row * K + k, first(K - k)));
    finite &= _mm512_cmp_ps_mask(w, _mm512_set1_ps(INFINITY), _CMP_LT_OQ);
    largest = _mm512_max_ps(largest, w);
  }
  if (finite != 0xFFFF) return false;
  float s = std::max(_mm512_reduce_max_ps(largest) / 127.f, 1e-12f);
  scale[at] = s;
  uint8_t* to = packed + (at / kPanel) * kPanel * K + 4 * (at % kPanel);
  __m512 divisor = _mm512_set1_ps(s);
  for (int64_t k = 0; k < K; k += kLanes) {
    __m512 w = load_any(rows, dtype, row * K + k, first(K - k));
    __m512i q = _mm512_cvtps_epi32(_mm512_div_ps(w, divisor));
    alignas(16) uint8_t bytes[16];
    __m128i small = _mm512_cvtepi32_epi8(_mm512_add_epi32(q, _mm512_set1_epi32(128)));
    _mm_store_si128(reinterpret_cast<__m128i*>(bytes), small);
    for (int64_t i = 0; i < kLanes && k + i < K; i += 4) {
      std::memcpy(to + (k + i) * kPanel, bytes + i, 4);
    }
  }
  return true;
}

}  // namespace

void linear_int8(
    const QuantizedRows& x, const uint8_t* weight, const float* scale, float* y, int64_t M, int64_t N,
    int64_t K, Into into) {
  int64_t count = panels(N);
  int64_t parts = parts_for(count);
  parallel(parts, [&](int64_t part) {
    alignas(64) int32_t sums[kRowBlock * kPanel];
    for (int64_t m = 0; m < M; m += kRowBlock) {
      int64_t rows = std::min(kRowBlock, M - m);
      int64_t tiles = (rows + kTile - 1) / kTile;
      for (int64_t p = count * part / parts; p < count * (part + 1) / parts; p++) {
        for (int64_t k = 0; k < K; k += kColumnBlock) {
          int64_t columns = std::min(kColumnBlock, K - k);
          const uint8_t* piece = weight + p * kPanel * K + k * kPanel;
          int64_t step = tiles < 3 ? 0 : 256 / tiles;
          for (int64_t t = 0; t < tiles; t++) {
            int64_t from = rows * t / tiles;
            int64_t to = rows * (t + 1) / tiles;
            const int8_t* values = x.values + (m + from) * K + k;
            const uint8_t* next = piece + kPanel * columns + columns / 4 * step * t;
            kTiles[to - from](values, K, piece, columns / 4, sums + from * kPanel, k == 0, next, step);
          }
        }
        for (int64_t r = 0; r < rows; r++) {
          if (x.outliers[m + r].count > 0) {
            add_outliers(x.outliers[m + r], weight + p * kPanel * K, sums + r * kPanel);
          }
        }
        const float* scales = scale + p * kPanel;
        if (into == Into::kGated) {
          write_gated(sums, x, m, rows, scales, y + m * N / 2 + p * kTurn, N / 2);
        } else {
          int64_t columns = std::min(kPanel, N - p * kPanel);
          float* to = y + m * N + p * kPanel;
          write(sums, x, m, rows, scales, columns, to, N, into == Into::kSum);
        }
      }
    }
  });
}

bool pack_rows(
    const void* rows, int dtype, int64_t n, int64_t K, uint8_t* packed, float* scale, int64_t row,
    const RowPlaces& places) {
  std::atomic<bool> finite{true};
  int64_t parts = std::min<int64_t>(n, 64 * threads());
  parallel(parts, [&](int64_t part) {
    for (int64_t r = n * part / parts; r < n * (part + 1) / parts; r++) {
      if (!pack_row(rows, dtype, r, K, packed, scale, places.of(row + r))) finite = false;
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
    uint8_t* to = packed + (at / kPanel) * kPanel * K + 4 * (at % kPanel);
    for (int64_t k = 0; k < K; k++) {
      to[k / 4 * 4 * kPanel + k % 4] = static_cast<uint8_t>(codes[r * K + k] + 128);
    }
  }
}

void pad_rows(int64_t N, int64_t K, uint8_t* packed) {
  for (int64_t row = N; row < panels(N) * kPanel; row++) {
    uint8_t* to = packed + (row / kPanel) * kPanel * K + 4 * (row % kPanel);
    for (int64_t k = 0; k < K; k += 4) std::memset(to + k * kPanel, 128, 4);
  }
}

}  // namespace qwark
