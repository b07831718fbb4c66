// Blocks of keys, into which attention cuts a sequence.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace qwark {

// Keys of a block. Blocks begin at multiples of it, counted from the beginning of the sequence.
constexpr int64_t kBlock = 64;

// Query vectors (rows times heads of a group) that share a block once it is in the core's cache.
constexpr int64_t kGroup = 64;

static inline void fetch(const void* p) {
  _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0);
}

}  // namespace qwark
