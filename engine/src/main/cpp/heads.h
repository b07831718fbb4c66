// From the product of the first matrix of a layer to queries, and to keys and values in the cache.
#pragma once

#include <cstdint>

#include "attention.h"

namespace qwark {

// qkv: (T, (N + 2 KV) D). Each head of queries and keys is normalized, times its row of norm (N + KV, D),
// and turned by the angle of its position: cos and sin (positions, D), where the first half of sin is
// negated. Queries go to (T, N, D); keys and values to their slots in the cache.
template <typename T>
void split_heads(
    const float* qkv, int64_t tokens, const float* norm, float eps, const float* cos,
    const float* sin, const int64_t* positions, const int64_t* slots, const Heads& heads,
    float* queries, const Cache<T>& cache);

}  // namespace qwark
