#include "heads.h"

#include <vector>

#include "rounding.h"
#include "simd.h"

namespace qwark {
namespace {

// Rows of queries that are asked for before they are written: other heads' lie between them.
constexpr int64_t kRowsAhead = 6;

// Normalizes a head unless there is no weight for it, and turns it: x cos + (second half, first half) sin, since sin's
// first half is negated.
void turn(
    const float* x, const float* norm, float eps, const float* cos, const float* sin, int64_t D, float* y) {
  int64_t half = D / 2;
  __m512 size = norm == nullptr ? _mm512_setzero_ps() : inverse_size(x, eps, D);
  each_vector(half, [&](int64_t d, __mmask16 there) __attribute__((always_inline)) {
    auto at = [&](const float* p) { return _mm512_maskz_loadu_ps(there, p + d); };
    __m512 a = at(x), b = at(x + half);
    if (norm != nullptr) {
      a = _mm512_mul_ps(_mm512_mul_ps(a, size), at(norm));
      b = _mm512_mul_ps(_mm512_mul_ps(b, size), at(norm + half));
    }
    __m512 turned = _mm512_fmadd_ps(b, at(sin), _mm512_mul_ps(a, at(cos)));
    _mm512_mask_storeu_ps(y + d, there, turned);
    turned = _mm512_fmadd_ps(a, at(sin + half), _mm512_mul_ps(b, at(cos + half)));
    _mm512_mask_storeu_ps(y + half + d, there, turned);
  });
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

// Puts a key or a value of a head into its slot.
template <typename T>
void keep_key(const float* key, int64_t D, int64_t slot, int64_t first, const Cache<T>& cache, T* kept) {
  convert(key, D, kept, cache.key_scales + first + slot);
  put_key(kept, D, slot, cache.keys + first * D);
}
template <typename T>
void keep_value(const float* value, int64_t D, int64_t slot, int64_t first, const Cache<T>& cache, T* kept) {
  convert(value, D, kept, cache.value_scales + first + slot);
  put_value(kept, D, slot, cache.values + first * D);
}

}  // namespace

template <typename T>
void HeadsTarget<T>::take(const Piece& piece) const {
  int64_t D = heads.dimension, N = heads.queries, KV = heads.keys;
  const float* for_queries = weights.balance;
  const float* for_keys = weights.balance == nullptr ? nullptr : weights.balance + KV * D;
  std::vector<float> buffer(D), turned(D);
  std::vector<T> kept(D);
  for (int64_t c = 0; c < piece.columns; c += D) {
    int64_t column = piece.column + c, h = column / D;
    for (int64_t r = 0; r < piece.rows; r++) {
      int64_t t = piece.row + r;
      if (h < N && r + kRowsAhead < piece.rows) fetch_to_write(queries + ((t + kRowsAhead) * N + h) * D, D);
      const float* head = biased(piece.values + r * piece.stride + c, weights.bias, column, buffer.data(), D);
      if (h >= N + KV) {
        keep_value(head, D, slots[t], (h - N - KV) * heads.capacity, cache, kept.data());
        continue;
      }
      const float* norm = weights.norm == nullptr ? nullptr : weights.norm + column;
      float* to = h < N ? queries + (t * N + h) * D : turned.data();
      turn(head, norm, weights.eps, cos + positions[t] * D, sin + positions[t] * D, D, to);
      if (h < N) {
        balance(to, for_queries, h / (N / KV), D);
      } else {
        balance(to, for_keys, h - N, D);
        keep_key(to, D, slots[t], (h - N) * heads.capacity, cache, kept.data());
      }
    }
  }
}

template struct HeadsTarget<float>;
template struct HeadsTarget<uint16_t>;
template struct HeadsTarget<int8_t>;

}  // namespace qwark
