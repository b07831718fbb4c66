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

// out (T, N, D) for queries (T, N, D), keys and values (KV, C, D) of float or bfloat16 (as uint16_t).
// spans: four numbers for each of `count` runs of queries: first row, rows, first slot of the sequence,
// and tokens of the sequence up to and including the run. A query sees its own sequence up to itself.
//
// A query's result depends on its sequence alone, not on the run that it is in: keys are taken in blocks
// that begin at fixed positions, and all sums are taken in the same order for one query and for many.
template <typename T>
void attend(
    const float* queries, const T* keys, const T* values, const int64_t* spans, int64_t count,
    const Heads& heads, float* out);

}  // namespace qwark
