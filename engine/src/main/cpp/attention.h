// Attention of packed queries over a cache of keys and values.
#pragma once

#include <cstdint>

#include "cache.h"

namespace qwark {

// out (T, N, D) for queries (T, N, D).
// spans: four numbers for each of `count` runs of queries: first row, rows, first slot of the sequence,
// and tokens of the sequence up to and including the run. A query sees its own sequence up to itself.
//
// A query's result depends on its sequence alone, not on the run that it is in: keys are taken in blocks
// that begin at fixed positions, and all sums are taken in the same order for one query and for many.
template <typename T>
using Attend = void (*)(
    const float* queries, const Cache<T>& cache, const int64_t* spans, int64_t count,
    const Heads& heads, float* out);

// The same source, compiled for processors with instructions for bfloat16 (avx512_bf16) and without.
namespace with_bf16 {
template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const int64_t* spans, int64_t count,
    const Heads& heads, float* out);
}
namespace without_bf16 {
template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const int64_t* spans, int64_t count,
    const Heads& heads, float* out);
}

}  // namespace qwark
