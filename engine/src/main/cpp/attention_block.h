// Blocks of keys, into which attention cuts a sequence.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "attention.h"

namespace qwark {

// Query vectors (rows times heads of a group) that share a block once it is in the core's cache.
constexpr int64_t kGroup = 64;

// Keys whose scores become weights together, some blocks: each time costs a query sums over lanes, which wait for
// one another, and the sums so far a factor.
constexpr int64_t kStretch = 4 * kBlock;

// For loops that take nearly all vector registers: inlined they would share them with what is around, and keep some of
// their numbers in memory, which takes a third longer.
#define QWARK_OWN_REGISTERS __attribute__((noinline))

static inline void fetch(const void* p) {
  _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0);
}

template <int N>
using Constant = std::integral_constant<int, N>;

// Calls body(Constant, index) for `Most` of n queries at a time, and for the rest in halves of that.
template <int Most, typename F>
static inline void each_tile(int64_t n, F body, int64_t from = 0) {
  for (; from + Most <= n; from += Most) body(Constant<Most>(), from);
  if constexpr (Most > 1) each_tile<Most / 2>(n, body, from);
}

// Calls body(Constant) with the groups of 16 that so many keys of a block take.
template <typename F>
static inline void with_groups(int64_t count, F body) {
  switch ((count + 15) / 16) {
    case 1:
      return body(Constant<1>());
    case 2:
      return body(Constant<2>());
    case 3:
      return body(Constant<3>());
    default:
      return body(Constant<4>());
  }
}

// Calls body(Constant) with whether the index is the first: what comes next is to be fetched once.
template <typename F>
static inline void if_first(int64_t index, F body) {
  if (index == 0) {
    body(std::true_type());
  } else {
    body(std::false_type());
  }
}

// Calls body(Constant, index) for the D numbers of a vector, `Most` times 16 at a time and the rest 16 at a time.
template <int Most, typename F>
static inline void each_piece(int64_t D, F body) {
  int64_t d = 0;
  for (; d + 16 * Most <= D; d += 16 * Most) body(Constant<Most>(), d);
  for (; d < D; d += 16) body(Constant<1>(), d);
}

}  // namespace qwark
