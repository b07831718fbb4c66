// Rows of numbers in 8 bits.
#pragma once

#include <cstdint>

namespace qwark {

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

// Rounds a row of activations, k a multiple of 4. Not-a-number in the row makes all that is computed from it
// not-a-number.
void quantize_activations(
    const float* x, int64_t k, int8_t* values, float* scale, int32_t* sum, Outliers* outliers);

// Divides by the largest magnitude of the row and rounds to -127 ... 127. Not-a-number in the row makes
// all that is computed from it not-a-number.
void quantize_row(const float* x, int64_t k, int8_t* values, float* scale);

}  // namespace qwark
