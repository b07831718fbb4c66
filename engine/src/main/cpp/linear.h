// Products of 8-bit activations and 8-bit weights with 32-bit sums, which are exact: a row's result does
// not depend on the rows beside it.
#pragma once

#include <cstdint>

namespace qwark {

// Weights of an (N, K) matrix lie in panels of 64 rows, the last one filled up. In a panel, for every
// four columns, come the four values of each row: [N / 64][K / 4][64][4]. A value w is stored as w + 128.
constexpr int64_t kPanel = 64;

inline int64_t panels(int64_t n) { return (n + kPanel - 1) / kPanel; }

// What outliers of a row have beyond 8 bits: 128 times these numbers, four to a group of columns, are to be added to
// its values. The few numbers that are far larger than the others of their row would otherwise set its scale, and the
// others would be lost in rounding.
struct Outliers {
  static constexpr int kMost = 32;

  int32_t count;
  int32_t group[kMost];  // first column, divided by 4
  int32_t high[kMost];   // four numbers of 8 bits
};

// A tensor of rows in 8 bits: row m is scale[m] times its values, outliers included, of which sum[m] is the sum.
struct QuantizedRows {
  int8_t* values;  // (M, K)
  float* scale;
  int32_t* sum;
  Outliers* outliers;
};

// What becomes of a product (M, N).
enum class Into {
  kValue,  // y (M, N) =
  kSum,    // y (M, N) +=
  kGated,  // y (M, N / 2) = silu(gate) up, whose weights lie in turns, see RowPlaces
};

// x (M, K) times the transposed weight. scale: one for each of N rows.
void linear_int8(
    const QuantizedRows& x, const uint8_t* weight, const float* scale, float* y, int64_t M, int64_t N,
    int64_t K, Into into);

// Where rows of a part go in a packed weight: row r to offset + r, or, where two parts take turns of kTurn rows, to
// offset + r + r / kTurn * kTurn.
constexpr int64_t kTurn = kPanel / 2;
struct RowPlaces {
  int64_t offset;
  bool turns;

  int64_t of(int64_t row) const { return offset + row + (turns ? row / kTurn * kTurn : 0); }
};

// Rounds a row of activations, k a multiple of 4. Not-a-number in the row makes all that is computed from it
// not-a-number.
void quantize_activations(
    const float* x, int64_t k, int8_t* values, float* scale, int32_t* sum, Outliers* outliers);

// Divides by the largest magnitude of the row and rounds to -127 ... 127. Not-a-number in the row makes
// all that is computed from it not-a-number.
void quantize_row(const float* x, int64_t k, int8_t* values, float* scale, int32_t* sum);

// Quantizes n rows (n, K) of dtype (see DType) to 8 bits with a scale each and puts them into a packed
// weight, the first of them as row `row` of its part. False if some weight is infinite or not a number.
bool pack_rows(
    const void* rows, int dtype, int64_t n, int64_t K, uint8_t* packed, float* scale, int64_t row,
    const RowPlaces& places);

// The same for rows (n, K) that are in 8 bits already.
void place_rows(
    const int8_t* codes, const float* row_scale, int64_t n, int64_t K, uint8_t* packed, float* scale,
    int64_t row, const RowPlaces& places);

// Fills what is left of the last panel of a weight of N rows.
void pad_rows(int64_t N, int64_t K, uint8_t* packed);

}  // namespace qwark
