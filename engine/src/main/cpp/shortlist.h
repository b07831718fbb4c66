// The best tokens of each row of scores.
#pragma once

#include <cstdint>

namespace qwark {

// For each of R rows of scores (R, V) its k best: ids (R, k), best first, of equal scores the smaller id
// first, and their scores (R, k). Not-a-number counts as the best of all, so that it is noticed.
void best(const float* scores, int64_t R, int64_t V, int64_t k, int64_t* ids, float* values);

// The logarithm of the sum of e^x over each row (R, V).
void log_sum_exp(const float* x, int64_t R, int64_t V, float* result);

}  // namespace qwark
