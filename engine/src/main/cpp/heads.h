// From the product of the first matrix of a layer to queries, and to keys and values in the cache.
#pragma once

#include <cstdint>

#include "attention.h"
#include "linear.h"

namespace qwark {

// What is done to heads beside turning them; null where it is not.
struct HeadWeights {
  const float* bias;  // ((N + 2 KV) D), of queries, keys and values
  const float* norm;  // (N + KV, D), of queries and keys: they are normalized and multiplied by it
  float eps;
  // (2, KV, D): what queries and keys are multiplied by after they were turned. The two cancel each other: they make
  // the numbers of a key alike in size, so that they can share a scale of 8 bits.
  const float* balance;
};

// A product's columns are queries, keys and values of a token, (T, (N + 2 KV) D). Each head of queries and keys gets its
// bias and its norm and is turned by the angle of its position: cos and sin (positions, D), where the first half of sin
// is negated. Queries go to (T, N, D); keys and values to their slots in the cache.
template <typename T>
struct HeadsTarget {
  const HeadWeights& weights;
  const float* cos;
  const float* sin;
  const int64_t* positions;  // (T)
  const int64_t* slots;      // (T)
  const Heads& heads;
  float* queries;
  const Cache<T>& cache;

  // Takes a piece of whole heads.
  void take(const Piece& piece) const;
};

}  // namespace qwark
