#include "linear.h"

#include <immintrin.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "int4_panel.h"
#include "simd.h"
#include "threads.h"

namespace qwark {
namespace {

// Rows of x that stay in a core's second cache, of 1 MiB, with the most columns that are multiplied at a time.
constexpr int64_t kRowBlock = 192;
constexpr int64_t kManyColumns = 2560;

// Columns of a panel that stay in the first cache, where weights of 4 bits are brought to 8 bits on the way.
constexpr int64_t kFewColumns = 512;

// Rows that are multiplied at once. With 64 columns of y they take 24 of the 32 vector registers.
constexpr int64_t kTile = 6;

// Rows up to which weights of 4 bits are brought to 8 bits in registers, on the way into the product.
constexpr int64_t kFewRows = 8;

// Rows that are multiplied while such weights are brought to 8 bits for the others.
constexpr int64_t kExpandingRows = 4;

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

// The same for a few rows and J columns of 16, from J0 on, of a piece of a panel of 4 bits. If Expand, what these columns
// are in 8 bits is put into `expanded`.
template <int R, int J0, int J, bool Expand>
void tile4(
    const int8_t* x, int64_t stride, const uint8_t* piece, int64_t groups, int32_t* sums, bool fresh,
    uint8_t* expanded) {
  __m512i acc[R][J];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
    for (int j = 0; j < J; j++) {
      acc[r][j] = fresh ? _mm512_setzero_si512() : _mm512_load_si512(sums + kPanel * r + 16 * (J0 + j));
    }
  }
  for (int64_t g = 0; g < groups; g++, piece += kGroupBytes, x += kGroup) {
    each_int4<J0, J>(piece, [&](int step, const __m512i* weights) __attribute__((always_inline)) {
#pragma GCC unroll 4
      for (int j = 0; Expand && j < J; j++) {
        _mm512_store_si512(expanded + kGroup * kPanel * g + 256 * step + 64 * j, weights[j]);
      }
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        int32_t four;
        std::memcpy(&four, x + r * stride + 4 * step, 4);
        __m512i values = _mm512_set1_epi32(four);
#pragma GCC unroll 4
        for (int j = 0; j < J; j++) acc[r][j] = _mm512_dpbusd_epi32(acc[r][j], weights[j], values);
      }
    });
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
    for (int j = 0; j < J; j++) _mm512_store_si512(sums + kPanel * r + 16 * (J0 + j), acc[r][j]);
  }
}

// The sums of all columns of a whole panel. Where they would not stay in registers they are computed in halves, a few
// groups at a time, so that memory is read while there is something to compute.
template <int R>
void few_rows4(const int8_t* x, int64_t stride, const uint8_t* panel, int64_t groups, int32_t* sums) {
  if constexpr (R <= 4) {
    tile4<R, 0, 4, false>(x, stride, panel, groups, sums, true, nullptr);
  } else {
    for (int64_t g = 0; g < groups; g += kGroupsAhead) {
      int64_t some = std::min(kGroupsAhead, groups - g);
      const uint8_t* piece = panel + g * kGroupBytes;
      tile4<R, 0, 2, false>(x + g * kGroup, stride, piece, some, sums, g == 0, nullptr);
      tile4<R, 2, 2, false>(x + g * kGroup, stride, piece, some, sums, g == 0, nullptr);
    }
  }
}

using FewRows4 = void (*)(const int8_t*, int64_t, const uint8_t*, int64_t, int32_t*);
constexpr FewRows4 kFewRows4[kFewRows + 1] = {
    nullptr,      few_rows4<1>, few_rows4<2>, few_rows4<3>, few_rows4<4>,
    few_rows4<5>, few_rows4<6>, few_rows4<7>, few_rows4<8>};

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

// Where a panel's product goes: so many columns of rows that are `stride` apart.
struct Target {
  float* y;
  int64_t stride, columns;

  // What will be written has to come from memory first, which takes longer than writing it.
  void fetch_row(int64_t r) const { fetch_to_write(y + r * stride, columns); }
};

// Sums of a panel.
void write(
    const int32_t* sums, const QuantizedRows& x, int64_t row, int64_t rows, const float* scale,
    const Target& to_rows, bool accumulate) {
  for (int64_t r = 0; r < rows; r++) {
    RowScale meaning(x, row + r);
    for (int64_t c = 0; c < to_rows.columns; c += kLanes) {
      __mmask16 k = first(to_rows.columns - c);
      __m512 v = meaning.of(sums + kPanel * r + c, _mm512_maskz_loadu_ps(k, scale + c));
      float* to = to_rows.y + r * to_rows.stride + c;
      if (accumulate) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(k, to));
      _mm512_mask_storeu_ps(to, k, v);
    }
  }
}

// silu(gate) up of a panel's two halves.
void write_gated(
    const int32_t* sums, const QuantizedRows& x, int64_t row, int64_t rows, const float* scale,
    const Target& to_rows) {
  for (int64_t r = 0; r < rows; r++) {
    RowScale meaning(x, row + r);
    for (int64_t c = 0; c < kTurn; c += kLanes) {
      const int32_t* from = sums + kPanel * r + c;
      __m512 gate = meaning.of(from, load(scale + c));
      __m512 up = meaning.of(from + kTurn, load(scale + kTurn + c));
      __m512 e = exp(_mm512_sub_ps(_mm512_setzero_ps(), gate));
      __m512 silu = _mm512_div_ps(gate, _mm512_add_ps(_mm512_set1_ps(1.f), e));
      store(to_rows.y + r * to_rows.stride + c, _mm512_mul_ps(silu, up));
    }
  }
}

// What a row's outliers have beyond 8 bits, times the 64 rows of a panel.
class OutlierSums {
 public:
  OutlierSums() : sums_{} {}

  // weights(j): four columns of 16 rows, those that the outlier stands in.
  template <typename F>
  void add(int32_t high, F weights) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) sums_[j] = _mm512_dpbusd_epi32(sums_[j], weights(j), _mm512_set1_epi32(high));
  }

  void add_to(int32_t* sums) const {
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      __m512i sum = _mm512_load_si512(sums + 16 * j);
      _mm512_store_si512(sums + 16 * j, _mm512_add_epi32(sum, _mm512_slli_epi32(sums_[j], 7)));
    }
  }

 private:
  __m512i sums_[4];
};

// Adds to a row's sums what its outliers have beyond 8 bits: those from number `from` on that lie in a piece of a panel
// of which `step` is the first step of four columns and `end` the one behind it. Returns the number of the next outlier.
int32_t add_outliers(
    const Outliers& outliers, int32_t from, const uint8_t* piece, int64_t step, int64_t end, int32_t* sums) {
  if (from == outliers.count || outliers.group[from] >= end) return from;
  OutlierSums beyond;
  for (; from < outliers.count && outliers.group[from] < end; from++) {
    const uint8_t* w = piece + (outliers.group[from] - step) * 4 * kPanel;
    beyond.add(outliers.high[from], [&](int j) { return _mm512_loadu_si512(w + 64 * j); });
  }
  beyond.add_to(sums);
  return from;
}

// All of them, where the panel has 4 bits.
void add_outliers4(const Outliers& outliers, const uint8_t* panel, int32_t* sums) {
  if (outliers.count == 0) return;
  constexpr int64_t kSteps = kGroup / 4;
  OutlierSums beyond;
  for (int32_t i = 0; i < outliers.count; i++) {
    const uint8_t* group = panel + outliers.group[i] / kSteps * kGroupBytes;
    int64_t step = outliers.group[i] % kSteps;
    beyond.add(outliers.high[i], [&](int j) { return int4_weights(group, step, j); });
  }
  beyond.add_to(sums);
}

// A block of rows times a panel.
class PanelProduct {
 public:
  PanelProduct(const QuantizedRows& x, int64_t first, int64_t rows, const PackedWeight& weight, int64_t K)
      : x_(x),
        first_(first),
        rows_(rows),
        expanding_(weight.bits == 4 ? kExpandingRows : 0),
        tiles_((rows - expanding_ + kTile - 1) / kTile),
        weight_(weight),
        K_(K) {}

  // sums (rows, 64), which will go to the target. The beginning of the panel that comes after this one is fetched.
  void compute(const uint8_t* panel, const uint8_t* following, int32_t* sums, const Target& target) {
    bool four = weight_.bits == 4;
    if (four && rows_ <= kFewRows) return compute_few(panel, sums);
    std::fill_n(outliers_, rows_, 0);
    int64_t at_a_time = columns_at_a_time();
    for (int64_t k = 0; k < K_; k += at_a_time) {
      int64_t columns = std::min(at_a_time, K_ - k);
      const uint8_t* stored = panel + weight_.panel_bytes(k);
      const uint8_t* piece = stored;
      if (four) {
        tile4<kExpandingRows, 0, 4, true>(
            x_.values + first_ * K_ + k, K_, stored, columns / kGroup, sums, k == 0, expanded_);
        piece = expanded_;
      }
      bool last = k + columns == K_;
      const uint8_t* next = last ? following : stored + weight_.panel_bytes(columns);
      multiply(piece, k, columns, next, sums, last ? &target : nullptr);
      for (int64_t r = 0; r < rows_; r++) {
        outliers_[r] = add_outliers(
            x_.outliers[first_ + r], outliers_[r], piece, k / 4, (k + columns) / 4, sums + r * kPanel);
      }
    }
  }

 private:
  // Equal parts, in whole groups.
  int64_t columns_at_a_time() const {
    int64_t most = weight_.bits == 4 ? kFewColumns : kManyColumns;
    int64_t parts = (K_ + most - 1) / most;
    return ((K_ + parts - 1) / parts + kGroup - 1) / kGroup * kGroup;
  }

  // 4 bits.
  void compute_few(const uint8_t* panel, int32_t* sums) {
    kFewRows4[rows_](x_.values + first_ * K_, K_, panel, K_ / kGroup, sums);
    for (int64_t r = 0; r < rows_; r++) {
      add_outliers4(x_.outliers[first_ + r], panel, sums + r * kPanel);
    }
  }

  // Columns from k on, while what is stored from `next` on is fetched, and what the sums go to if they are the last ones.
  void multiply(
      const uint8_t* piece, int64_t k, int64_t columns, const uint8_t* next, int32_t* sums,
      const Target* target) {
    int64_t step = tiles_ < 3 ? 0 : weight_.panel_bytes(kGroup) / (kGroup / 4) / tiles_;
    int64_t rows = rows_ - expanding_;
    for (int64_t t = 0; t < tiles_; t++) {
      int64_t from = expanding_ + rows * t / tiles_;
      int64_t to = expanding_ + rows * (t + 1) / tiles_;
      for (int64_t r = from; target != nullptr && r < to; r++) target->fetch_row(r);
      const int8_t* values = x_.values + (first_ + from) * K_ + k;
      kTiles[to - from](
          values, K_, piece, columns / 4, sums + from * kPanel, k == 0, next + columns / 4 * step * t, step);
    }
  }

  const QuantizedRows& x_;
  int64_t first_, rows_;
  int64_t expanding_, tiles_;  // the first rows, and tiles of the others
  const PackedWeight& weight_;
  int64_t K_;
  int32_t outliers_[kRowBlock];  // that were added, of each row
  alignas(64) uint8_t expanded_[kFewColumns * kPanel];
};

// Some neighbouring columns of some rows of a product, in units of panels or more.
struct Part {
  int64_t row, rows;
  int64_t unit, end;
  int64_t following;  // unit that the same thread probably comes to next
};

// Divides a product of M rows and so many units among the threads: runs of units, which stay in a core's cache for one
// block of rows after the other. Where it takes long, a unit is a run, so that no thread waits long for the last one.
template <typename F>
void each_part(int64_t M, int64_t units, F body) {
  int64_t blocks = (M + kRowBlock - 1) / kRowBlock;
  int64_t rows = ((M + blocks - 1) / blocks + kTile - 1) / kTile * kTile;
  int64_t runs = M < kRowBlock ? parts_for(units) : units;
  parallel(runs, [&](int64_t run) {
    int64_t first = units * run / runs, end = units * (run + 1) / runs;
    int64_t following = units * std::min(run + threads(), runs - 1) / runs;
    for (int64_t row = 0; row < M; row += rows) {
      int64_t next = row + rows < M ? first : following;
      body(Part{row, std::min(rows, M - row), first, end, next});
    }
  });
}

}  // namespace

void linear(
    const QuantizedRows& x, const PackedWeight& weight, const float* scale, float* y, int64_t M, int64_t N,
    int64_t K, Into into) {
  bool gated = into == Into::kGated;
  int64_t stride = gated ? N / 2 : N, width = gated ? kTurn : kPanel;
  each_part(M, panels(N), [&](const Part& part) {
    alignas(64) int32_t sums[kRowBlock * kPanel];
    PanelProduct product(x, part.row, part.rows, weight, K);
    for (int64_t p = part.unit; p < part.end; p++) {
      int64_t next = p + 1 < part.end ? p + 1 : part.following;
      Target target{y + part.row * stride + p * width, stride, std::min(width, stride - p * width)};
      product.compute(weight.panel(p, K), weight.panel(next, K), sums, target);
      const float* scales = scale + p * kPanel;
      if (gated) {
        write_gated(sums, x, part.row, part.rows, scales, target);
      } else {
        write(sums, x, part.row, part.rows, scales, target, into == Into::kSum);
      }
    }
  });
}

void linear_pieces(
    const QuantizedRows& x, const PackedWeight& weight, const float* scale, int64_t M, int64_t N, int64_t K,
    int64_t width, const std::function<void(const Piece&)>& take) {
  int64_t pieces = (N + width - 1) / width;
  each_part(M, pieces, [&](const Part& part) {
    alignas(64) int32_t sums[kRowBlock * kPanel];
    static thread_local std::vector<float> values;
    values.resize(std::max<size_t>(values.size(), part.rows * width));
    PanelProduct product(x, part.row, part.rows, weight, K);
    for (int64_t i = part.unit; i < part.end; i++) {
      int64_t next_piece = i + 1 < part.end ? i + 1 : part.following;
      int64_t column = i * width, columns = std::min(width, N - column);
      for (int64_t c = 0; c < columns; c += kPanel) {
        int64_t p = (column + c) / kPanel;
        int64_t next = c + kPanel < columns ? p + 1 : next_piece * width / kPanel;
        Target target{values.data() + c, width, std::min(kPanel, columns - c)};
        product.compute(weight.panel(p, K), weight.panel(next, K), sums, target);
        write(sums, x, part.row, part.rows, scale + column + c, target, false);
      }
      take({values.data(), width, part.row, part.rows, column, columns});
    }
  });
}

}  // namespace qwark
