// Attention of packed queries over a cache of keys and values.
#pragma once

#include <cstdint>

#include "cache.h"

namespace qwark {

// Keys of a block, into which attention cuts a sequence. Blocks begin at multiples of it, counted from the beginning of
// the sequence.
constexpr int64_t kBlock = 64;

// A run of queries, and where their sequence lies. Its first tokens may lie where other sequences find them, too, as
// many as whole blocks have.
struct Span {
  int64_t row;           // first of the run, in queries and out
  int64_t rows;
  int64_t start;         // to which adding a token's position gives its slot, for all tokens but the shared ones
  int64_t length;        // tokens of the sequence up to and including the run
  int64_t shared_start;  // the same for the shared ones
  int64_t shared;        // how many these are: a multiple of kBlock, or 0
};

// out (T, N, D) for queries (T, N, D). A query sees its own sequence up to itself.
//
// A query's result depends on its sequence alone, not on the run that it is in: keys are taken in blocks
// that begin at fixed positions, and all sums are taken in the same order for one query and for many.
template <typename T>
using Attend = void (*)(
    const float* queries, const Cache<T>& cache, const Span* spans, int64_t count,
    const Heads& heads, float* out);

// The same source, compiled for processors with instructions for bfloat16 (avx512_bf16) and without.
namespace with_bf16 {
template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const Span* spans, int64_t count,
    const Heads& heads, float* out);
}
namespace without_bf16 {
template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const Span* spans, int64_t count,
    const Heads& heads, float* out);
}

}  // namespace qwark
