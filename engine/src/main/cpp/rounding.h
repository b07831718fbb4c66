// Rows of numbers in 8 bits.
#pragma once

#include <cstdint>
#include <vector>

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

// Rounds rows of n activations, n a multiple of 4. Not-a-number in a row makes all that is computed from it
// not-a-number.
class ActivationRounding {
 public:
  // Of n from now on.
  void resize(int64_t n);

  void round(const float* x, int8_t* values, float* scale, int32_t* sum, Outliers* outliers);

 private:
  // Finds the groups that have a number beyond the limit. Returns the largest magnitude of the others.
  float find(const float* x, float limit);

  // Makes outliers of those found, or of the largest, as many as there may be. Returns the largest magnitude of what is
  // none, given that of what was not found.
  float choose(float limit, float below, Outliers* outliers);

  int64_t n_ = 0;
  std::vector<int32_t> vectors_;
  // Groups that were found and the largest magnitude of each.
  int64_t count_ = 0;
  std::vector<int32_t> groups_;
  std::vector<float> largest_;
};

// Divides by the largest magnitude of the row and rounds to -127 ... 127. Not-a-number in the row makes
// all that is computed from it not-a-number.
void quantize_row(const float* x, int64_t k, int8_t* values, float* scale);

}  // namespace qwark
