// Attention of packed queries over a cache of keys and values.
#pragma once

#include <cstdint>

namespace qwark {

struct Heads {
  int64_t queries;    // N
  int64_t keys;       // KV, which divides N
  int64_t dimension;  // D, a multiple of 16
  int64_t capacity;   // C, tokens of the cache
};

// Keys and values (KV, C, D) as float, bfloat16 (uint16_t) or 8-bit numbers (int8_t). The latter are to be
// multiplied with a scale for each vector (KV, C); the others have none.
template <typename T>
struct Cache {
  T* keys;
  T* values;
  float* key_scales;
  float* value_scales;
};

// out (T, N, D) for queries (T, N, D).
// spans: four numbers for each of `count` runs of queries: first row, rows, first slot of the sequence,
// and tokens of the sequence up to and including the run. A query sees its own sequence up to itself.
//
// A query's result depends on its sequence alone, not on the run that it is in: keys are taken in blocks
// that begin at fixed positions, and all sums are taken in the same order for one query and for many.
template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const int64_t* spans, int64_t count,
    const Heads& heads, float* out);

}  // namespace qwark
