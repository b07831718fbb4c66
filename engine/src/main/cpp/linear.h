// Products of 8-bit activations and weights of 8 or 4 bits with 32-bit sums, which are exact: a row's result does
// not depend on the rows beside it.
#pragma once

#include <cstdint>
#include <functional>

#include "rounding.h"
#include "weight.h"

namespace qwark {

// What becomes of a product (M, N).
enum class Into {
  kValue,  // y (M, N) =
  kSum,    // y (M, N) +=
  kGated,  // y (M, N / 2) = silu(gate) up, whose weights lie in turns, see RowPlaces
};

// x (M, K) times the transposed weight. scale: one for each of N rows.
void linear(
    const QuantizedRows& x, const PackedWeight& weight, const float* scale, float* y, int64_t M, int64_t N,
    int64_t K, Into into);

// A part of a product: so many columns of rows that are `stride` apart.
struct Piece {
  const float* values;
  int64_t stride;
  int64_t row, rows;  // of the product
  int64_t column, columns;
};

// The same product, which is nowhere as a whole: `take` gets pieces of `width` columns, the last ones of a row may be
// fewer, as soon as they are computed, by the thread that did. width: a multiple of kPanel.
void linear_pieces(
    const QuantizedRows& x, const PackedWeight& weight, const float* scale, int64_t M, int64_t N, int64_t K,
    int64_t width, const std::function<void(const Piece&)>& take);

}  // namespace qwark
