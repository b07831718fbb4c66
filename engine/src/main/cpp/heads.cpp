#include "heads.h"

#include <vector>

#include "rounding.h"
#include "simd.h"
#include "threads.h"

namespace qwark {
namespace {

// x cos + (second half, first half) sin: half a rotation, since sin's first half is negated.
void rotate(const float* x, const float* cos, const float* sin, int64_t D, float* y) {
  int64_t half = D / 2;
  for (int64_t d = 0; d < D; d += kLanes) {
    __m512 other = half % kLanes == 0
        ? load(x + (d < half ? d + half : d - half))
        // A head of 16: the other half is in the same vector.
        : _mm512_shuffle_f32x4(load(x + d), load(x + d), 0x4E);
    store(y + d, _mm512_fmadd_ps(other, load(sin + d), _mm512_mul_ps(load(x + d), load(cos + d))));
  }
}

// x plus the part of a bias from `at` on, in buffer; x itself where there is none.
const float* biased(const float* x, const float* bias, int64_t at, float* buffer, int64_t D) {
  if (bias == nullptr) return x;
  for (int64_t d = 0; d < D; d += kLanes) {
    store(buffer + d, _mm512_add_ps(load(x + d), load(bias + at + d)));
  }
  return buffer;
}

// x times the factors of a head of keys; x itself where there are none.
void balance(float* x, const float* factors, int64_t head, int64_t D) {
  if (factors == nullptr) return;
  for (int64_t d = 0; d < D; d += kLanes) {
    store(x + d, _mm512_mul_ps(load(x + d), load(factors + head * D + d)));
  }
}

// Numbers as a cache holds them.
template <typename T>
void convert(const float* x, int64_t D, T* to, float*) {
  for (int64_t i = 0; i < D; i += kLanes) store(to + i, load(x + i));
}
void convert(const float* x, int64_t D, int8_t* to, float* scale) {
  quantize_row(x, D, to, scale);
}

}  // namespace

template <typename T>
void split_heads(
    const float* qkv, int64_t tokens, const HeadWeights& weights, const float* cos, const float* sin,
    const int64_t* positions, const int64_t* slots, const Heads& heads, float* queries,
    const Cache<T>& cache) {
  int64_t D = heads.dimension;
  int64_t N = heads.queries;
  int64_t width = (N + 2 * heads.keys) * D;
  const float* for_queries = weights.balance;
  const float* for_keys = weights.balance == nullptr ? nullptr : weights.balance + heads.keys * D;
  int64_t parts = parts_for(tokens);
  parallel(parts, [&](int64_t part) {
    std::vector<float> buffer(D), key(D);
    std::vector<T> kept(D);
    for (int64_t t = tokens * part / parts; t < tokens * (part + 1) / parts; t++) {
      const float* row = qkv + t * width;
      const float* c = cos + positions[t] * D;
      const float* s = sin + positions[t] * D;
      for (int64_t h = 0; h < N + heads.keys; h++) {
        const float* head = biased(row + h * D, weights.bias, h * D, buffer.data(), D);
        if (weights.norm != nullptr) {
          rms_norm(head, weights.norm + h * D, weights.eps, buffer.data(), D);
          head = buffer.data();
        }
        if (h < N) {
          float* query = queries + (t * N + h) * D;
          rotate(head, c, s, D, query);
          balance(query, for_queries, h / (N / heads.keys), D);
        } else {
          rotate(head, c, s, D, key.data());
          balance(key.data(), for_keys, h - N, D);
          int64_t first = (h - N) * heads.capacity;
          convert(key.data(), D, kept.data(), cache.key_scales + first + slots[t]);
          put_key(kept.data(), D, slots[t], cache.keys + first * D);
        }
      }
      for (int64_t h = 0; h < heads.keys; h++) {
        int64_t at = (N + heads.keys + h) * D;
        const float* v = biased(row + at, weights.bias, at, buffer.data(), D);
        int64_t first = h * heads.capacity;
        convert(v, D, kept.data(), cache.value_scales + first + slots[t]);
        put_value(kept.data(), D, slots[t], cache.values + first * D);
      }
    }
  });
}

template void split_heads(
    const float*, int64_t, const HeadWeights&, const float*, const float*, const int64_t*,
    const int64_t*, const Heads&, float*, const Cache<float>&);
template void split_heads(
    const float*, int64_t, const HeadWeights&, const float*, const float*, const int64_t*,
    const int64_t*, const Heads&, float*, const Cache<uint16_t>&);
template void split_heads(
    const float*, int64_t, const HeadWeights&, const float*, const float*, const int64_t*,
    const int64_t*, const Heads&, float*, const Cache<int8_t>&);

}  // namespace qwark
