// Products of 8-bit activations and 8-bit weights with 32-bit sums, which are exact: a row's result does
// not depend on the rows beside it.
#pragma once

#include <cstdint>

#include "rounding.h"

namespace qwark {

// Weights of an (N, K) matrix lie in panels of 64 rows, the last one filled up. In a panel, for every
// four columns, come the four values of each row: [N / 64][K / 4][64][4]. A value w is stored as w + 128.
constexpr int64_t kPanel = 64;

inline int64_t panels(int64_t n) { return (n + kPanel - 1) / kPanel; }

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
