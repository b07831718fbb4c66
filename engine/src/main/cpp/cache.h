// How keys and values lie in the cache.
#pragma once

#include <immintrin.h>

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
//
// Float: as it says. The others, with n = 2 or 4 numbers to 32 bits, lie as dot products take them, a group of 16
// tokens after the other: keys as (D / n, 16 tokens, n), values as (16 / n tokens, D, n).
// A sequence begins at a multiple of 16 tokens, and so does whatever is moved.
template <typename T>
struct Cache {
  T* keys;
  T* values;
  float* key_scales;
  float* value_scales;
};

constexpr int64_t kGroupTokens = 16;

// Numbers of a type that are multiplied at once.
template <typename T>
constexpr int64_t kPack = 4 / static_cast<int64_t>(sizeof(T));

// Puts D numbers, which lie one after the other, at a token's place among a head's keys or values.
template <typename T>
void put_key(const T* key, int64_t D, int64_t slot, T* keys) {
  constexpr int64_t n = kPack<T>;
  int64_t lane = n == 1 ? 0 : slot % kGroupTokens;
  T* to = keys + (slot - lane) * D + lane * n;
  int64_t step = n == 1 ? 1 : n * kGroupTokens;
  for (int64_t d = 0; d < D / n; d++) {
    for (int64_t i = 0; i < n; i++) to[d * step + i] = key[d * n + i];
  }
}

template <typename T>
void put_value(const T* value, int64_t D, int64_t slot, T* values) {
  constexpr int64_t n = kPack<T>;
  int64_t lane = slot % n;
  T* to = values + (slot - lane) * D + lane;
  for (int64_t d = 0; d < D; d++) to[d * n] = value[d];
}

}  // namespace qwark
