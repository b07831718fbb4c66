// How keys and values lie in the cache.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

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

// Puts D numbers, which lie one after the other, at a token's place among a head's keys or values. Other threads may do
// so at the same time for tokens beside it, so nothing but the token's own numbers is written.
template <typename T>
void put_key(const T* key, int64_t D, int64_t slot, T* keys) {
  constexpr int64_t n = kPack<T>;
  if constexpr (n == 1) {
    std::copy_n(key, D, keys + slot * D);
  } else {
    int64_t lane = slot % kGroupTokens;
    T* to = keys + (slot - lane) * D + lane * n;
    for (int64_t d = 0; d < D; d += n) std::memcpy(to + d * kGroupTokens, key + d, sizeof(T) * n);
  }
}

template <typename T>
void put_value(const T* value, int64_t D, int64_t slot, T* values) {
  constexpr int64_t n = kPack<T>;
  int64_t lane = slot % n;
  T* to = values + (slot - lane) * D;
  for (int64_t d = 0; d < D; d += 16, to += 16 * n) {
    if constexpr (n == 1) {
      _mm512_storeu_ps(to, _mm512_loadu_ps(value + d));
    } else if constexpr (n == 2) {
      __m256i numbers = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(value + d));
      __m512i shifted = _mm512_slli_epi32(_mm512_cvtepu16_epi32(numbers), 16 * lane);
      _mm512_mask_storeu_epi16(to, 0x55555555u << lane, shifted);
    } else {
      __m128i numbers = _mm_loadu_si128(reinterpret_cast<const __m128i*>(value + d));
      __m512i shifted = _mm512_slli_epi32(_mm512_cvtepu8_epi32(numbers), 8 * lane);
      _mm512_mask_storeu_epi8(to, 0x1111111111111111u << lane, shifted);
    }
  }
}

}  // namespace qwark
