// Products of 8-bit activations and weights of 8 or 4 bits with 32-bit sums, which are exact: a row's result does
// not depend on the rows beside it.
#pragma once

#include <cstdint>

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

}  // namespace qwark
