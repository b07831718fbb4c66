#include "attention.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "simd.h"
#include "threads.h"

namespace qwark {
namespace {

// Keys of a block. Blocks begin at multiples of it, counted from the beginning of the sequence.
constexpr int64_t kBlock = 64;

// Query vectors (rows times heads of a group) that share a block once it is in the core's cache.
constexpr int64_t kGroup = 64;

// A part of the work: some rows of a run, for the query heads that share a key head.
struct Item {
  int64_t row;     // first, in queries and out
  int64_t rows;
  int64_t start;   // slot of the sequence's first token
  int64_t length;  // tokens that the first row sees
  int64_t head;    // of keys
};

// Whether numbers of a type come from the cache of keys and values, and not from a widened copy.
template <typename T>
constexpr bool kFetched = sizeof(T) < sizeof(float);

void fetch(const void* p) { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }

// The sums of 16 vectors, in their order. Every vector's lanes are added up in the same order. Inlined, so
// that the vectors stay in registers.
__attribute__((always_inline)) inline __m512 sums(const __m512 (&v)[16]) {
  __m512 a[8], b[4], c[2];
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) {
    a[i] = _mm512_add_ps(
        _mm512_unpacklo_ps(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_ps(v[2 * i], v[2 * i + 1]));
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    __m512d x = _mm512_castps_pd(a[2 * i]), y = _mm512_castps_pd(a[2 * i + 1]);
    b[i] = _mm512_add_ps(
        _mm512_castpd_ps(_mm512_unpacklo_pd(x, y)), _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    c[i] = _mm512_add_ps(
        _mm512_shuffle_f32x4(b[2 * i], b[2 * i + 1], 0x88),
        _mm512_shuffle_f32x4(b[2 * i], b[2 * i + 1], 0xDD));
  }
  return _mm512_add_ps(
      _mm512_shuffle_f32x4(c[0], c[1], 0x88), _mm512_shuffle_f32x4(c[0], c[1], 0xDD));
}

// scores (Q, stride) of Q queries with 16 / Q keys each, D numbers a vector. next: like keys, those that
// will be needed after this block and that are fetched meanwhile.
template <int Q, typename T>
void dots(
    const float* queries, const T* keys, const T* next, int64_t D, float* scores, int64_t stride) {
  constexpr int K = 16 / Q;
  __m512 acc[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) acc[i] = _mm512_setzero_ps();
  for (int64_t d = 0; d < D; d += kLanes) {
    __m512 q[Q];
#pragma GCC unroll 4
    for (int i = 0; i < Q; i++) q[i] = load(queries + i * D + d);
#pragma GCC unroll 16
    for (int k = 0; k < K; k++) {
      __m512 key = load(keys + k * D + d);
      if (kFetched<T> && d * sizeof(T) % 64 == 0) fetch(next + k * D + d);
#pragma GCC unroll 4
      for (int i = 0; i < Q; i++) acc[i * K + k] = _mm512_fmadd_ps(q[i], key, acc[i * K + k]);
    }
  }
  __m512 s = sums(acc);
  alignas(64) float flat[16];
  _mm512_store_ps(flat, s);
#pragma GCC unroll 4
  for (int i = 0; i < Q; i++) {
    for (int k = 0; k < K; k++) scores[i * stride + k] = flat[i * K + k];
  }
}

// Scores of n queries with the first `count` keys of a block, and some after them.
template <typename T>
void dots(
    const float* queries, int64_t n, const T* keys, const T* next, int64_t count, int64_t D,
    float* scores) {
  int64_t q = 0;
  for (; q + 4 <= n; q += 4) {
    for (int64_t k = 0; k < count; k += 4) {
      dots<4>(queries + q * D, keys + k * D, next + k * D, D, scores + q * kBlock + k, kBlock);
    }
  }
  for (; q + 2 <= n; q += 2) {
    for (int64_t k = 0; k < count; k += 8) {
      dots<2>(queries + q * D, keys + k * D, next + k * D, D, scores + q * kBlock + k, kBlock);
    }
  }
  for (; q < n; q++) {
    for (int64_t k = 0; k < count; k += 16) {
      dots<1>(queries + q * D, keys + k * D, next + k * D, D, scores + q * kBlock + k, kBlock);
    }
  }
}

// out (Q, D) = out times factor (Q) + weights (Q, kBlock) times the first n values (n, D), W vectors of
// 16 numbers at a time.
template <int Q, int W, typename T>
void weigh(
    const float* weights, const T* values, const T* next, int64_t n, int64_t D, const float* factor,
    float* out) {
  __m512 acc[Q][W];
#pragma GCC unroll 4
  for (int q = 0; q < Q; q++) {
#pragma GCC unroll 8
    for (int w = 0; w < W; w++) {
      acc[q][w] = _mm512_mul_ps(load(out + q * D + 16 * w), _mm512_set1_ps(factor[q]));
    }
  }
  for (int64_t k = 0; k < n; k++) {
    __m512 v[W];
#pragma GCC unroll 8
    for (int w = 0; w < W; w++) {
      v[w] = load(values + k * D + 16 * w);
      if (kFetched<T> && 16 * w * sizeof(T) % 64 == 0) fetch(next + k * D + 16 * w);
    }
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) {
      __m512 p = _mm512_set1_ps(weights[q * kBlock + k]);
#pragma GCC unroll 8
      for (int w = 0; w < W; w++) acc[q][w] = _mm512_fmadd_ps(p, v[w], acc[q][w]);
    }
  }
#pragma GCC unroll 4
  for (int q = 0; q < Q; q++) {
#pragma GCC unroll 8
    for (int w = 0; w < W; w++) store(out + q * D + 16 * w, acc[q][w]);
  }
}

template <int Q, typename T>
void weigh_all(
    const float* weights, const T* values, const T* next, int64_t n, int64_t D, const float* factor,
    float* out) {
  int64_t d = 0;
  for (; d + 64 <= D; d += 64) weigh<Q, 4>(weights, values + d, next + d, n, D, factor, out + d);
  for (; d < D; d += 16) weigh<Q, 1>(weights, values + d, next + d, n, D, factor, out + d);
}

template <typename T>
void weigh(
    const float* weights, int64_t queries, const T* values, const T* next, int64_t n, int64_t D,
    const float* factor, float* out) {
  int64_t q = 0;
  for (; q + 4 <= queries; q += 4) {
    weigh_all<4>(weights + q * kBlock, values, next, n, D, factor + q, out + q * D);
  }
  for (; q + 2 <= queries; q += 2) {
    weigh_all<2>(weights + q * kBlock, values, next, n, D, factor + q, out + q * D);
  }
  for (; q < queries; q++) {
    weigh_all<1>(weights + q * kBlock, values, next, n, D, factor + q, out + q * D);
  }
}

// Turns one query's scores of a block, of which the first n count, into weights relative to the largest
// score so far; `factor` is what earlier sums are to be multiplied with. Scales of keys and values, if there
// are any, are applied to scores and weights.
template <bool Scaled>
void soften(
    float* scores, int64_t n, const float* key_scales, const float* value_scales, float* largest,
    float* total, float* factor) {
  __m512 s[4];
  __m512 most = _mm512_set1_ps(-INFINITY);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    int64_t left = n - 16 * i;
    __mmask16 k = left <= 0 ? 0 : first(left);
    s[i] = _mm512_mask_loadu_ps(_mm512_set1_ps(-INFINITY), k, scores + 16 * i);
    if (Scaled) s[i] = _mm512_mask_mul_ps(s[i], k, s[i], _mm512_maskz_loadu_ps(k, key_scales + 16 * i));
    most = _mm512_max_ps(most, s[i]);
  }
  float now = std::max(*largest, _mm512_reduce_max_ps(most));
  __m512 reference = _mm512_set1_ps(now);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    __mmask16 k = _mm512_cmp_ps_mask(s[i], _mm512_set1_ps(-INFINITY), _CMP_NEQ_UQ);
    s[i] = _mm512_maskz_mov_ps(k, exp(_mm512_sub_ps(s[i], reference)));
    __m512 weights = s[i];
    if (Scaled) weights = _mm512_mul_ps(weights, _mm512_maskz_loadu_ps(k, value_scales + 16 * i));
    _mm512_storeu_ps(scores + 16 * i, weights);
  }
  __m512 sum = _mm512_add_ps(_mm512_add_ps(s[0], s[1]), _mm512_add_ps(s[2], s[3]));
  *factor = _mm512_cvtss_f32(exp(_mm512_set1_ps(*largest - now)));
  *total = *total * *factor + _mm512_reduce_add_ps(sum);
  *largest = now;
}

// Memory of one thread, kept from one call to the next.
struct Scratch {
  std::vector<float> queries, out, keys, values;
  float scores[kGroup * kBlock];
  float largest[kGroup], total[kGroup], factor[kGroup];

  void reserve(int64_t D) {
    if (static_cast<int64_t>(queries.size()) < kGroup * D) {
      queries.resize(kGroup * D);
      out.resize(kGroup * D);
      keys.resize(kBlock * D);
      values.resize(kBlock * D);
    }
  }
};

Scratch& scratch(int64_t D) {
  static thread_local Scratch s;
  s.reserve(D);
  return s;
}

void widen(const float* from, int64_t n, float* to) { std::copy(from, from + n, to); }
template <typename T>
void widen(const T* from, int64_t n, float* to) {
  for (int64_t i = 0; i < n; i += kLanes) store(to + i, load(from + i));
}

template <typename T>
struct Places {
  const T* keys;
  const T* values;
  const float* key_scales;
  const float* value_scales;
};

// Brings keys and values from one index of a block to another closer.
template <typename T>
void fetch(Places<T> places, int64_t from, int64_t to, int64_t D) {
  for (int64_t i = from * D; i < to * D; i += 64 / sizeof(T)) {
    fetch(places.keys + i);
    fetch(places.values + i);
  }
}

template <bool Scaled, typename T>
void block(
    Scratch& s, int64_t rows, int64_t group, int64_t D, int64_t from, int64_t length,
    Places<T> here, Places<T> next) {
  int64_t n = rows * group;
  int64_t most = std::min(kBlock, length + rows - 1 - from);
  dots(s.queries.data(), n, here.keys, next.keys, most, D, s.scores);
  for (int64_t q = 0; q < n; q++) {
    int64_t seen = std::min(kBlock, length + q / group - from);
    soften<Scaled>(
        s.scores + q * kBlock, seen, here.key_scales, here.value_scales, s.largest + q, s.total + q,
        s.factor + q);
  }
  weigh(s.scores, n, here.values, next.values, most, D, s.factor, s.out.data());
  // What the loops above did not get to.
  if (kFetched<T>) fetch(next, most, kBlock, D);
}

template <typename T>
void compute(
    const Item& item, const Item& following, const float* queries, const Cache<T>& cache,
    const Heads& heads, float* out) {
  constexpr bool Scaled = sizeof(T) == 1;
  int64_t D = heads.dimension;
  int64_t group = heads.queries / heads.keys;
  int64_t n = item.rows * group;
  Scratch& s = scratch(D);
  __m512 root = _mm512_set1_ps(1.f / std::sqrt(static_cast<float>(D)));
  int64_t width = heads.queries * D;
  int64_t column = item.head * group * D;
  for (int64_t r = 0; r < item.rows; r++) {
    const float* q = queries + (item.row + r) * width + column;
    float* to = s.queries.data() + r * group * D;
    for (int64_t i = 0; i < group * D; i += kLanes) store(to + i, _mm512_mul_ps(load(q + i), root));
  }
  std::fill_n(s.largest, n, -INFINITY);
  std::fill_n(s.total, n, 0.f);
  std::fill_n(s.out.begin(), n * D, 0.f);
  auto places = [&](const Item& of, int64_t from) {
    int64_t slot = of.head * heads.capacity + of.start + from;
    return Places<T>{
        cache.keys + slot * D, cache.values + slot * D, cache.key_scales + slot,
        cache.value_scales + slot};
  };
  int64_t length = item.length + item.rows - 1;
  for (int64_t from = 0; from < length; from += kBlock) {
    int64_t there = std::min(kBlock, length - from);
    Places<T> here = places(item, from);
    // Where few queries share a block it is read in place. What lies behind the last key is read, too, and
    // not used; at the end of the cache there is nothing behind it.
    bool in_place = n <= 4 && item.start + from + kBlock <= heads.capacity;
    Places<T> next = from + kBlock < length ? places(item, from + kBlock) : places(following, 0);
    if (in_place) {
      block<Scaled>(s, item.rows, group, D, from, item.length, here, next);
    } else {
      widen(here.keys, there * D, s.keys.data());
      widen(here.values, there * D, s.values.data());
      fetch(next, 0, kBlock, D);
      Places<float> wide{
          s.keys.data(), s.values.data(), here.key_scales, here.value_scales};
      block<Scaled>(s, item.rows, group, D, from, item.length, wide, wide);
    }
  }
  for (int64_t q = 0; q < n; q++) {
    const float* sum = s.out.data() + q * D;
    float* to = out + (item.row + q / group) * width + column + q % group * D;
    __m512 total = _mm512_set1_ps(s.total[q]);
    for (int64_t d = 0; d < D; d += kLanes) store(to + d, _mm512_div_ps(load(sum + d), total));
  }
}

}  // namespace

template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const int64_t* spans, int64_t count,
    const Heads& heads, float* out) {
  int64_t group = heads.queries / heads.keys;
  int64_t most = std::max<int64_t>(1, kGroup / group);
  std::vector<Item> items;
  for (int64_t s = 0; s < count; s++, spans += 4) {
    for (int64_t r = 0; r < spans[1]; r += most) {
      int64_t rows = std::min(most, spans[1] - r);
      int64_t length = spans[3] - spans[1] + r + 1;
      for (int64_t h = 0; h < heads.keys; h++) {
        items.push_back({spans[0] + r, rows, spans[2], length, h});
      }
    }
  }
  int64_t last = items.size() - 1;
  parallel(items.size(), [&](int64_t i) {
    const Item& following = items[std::min(last, i + threads())];
    compute(items[i], following, queries, cache, heads, out);
  });
}

template void attend(
    const float*, const Cache<float>&, const int64_t*, int64_t, const Heads&, float*);
template void attend(
    const float*, const Cache<uint16_t>&, const int64_t*, int64_t, const Heads&, float*);
template void attend(
    const float*, const Cache<int8_t>&, const int64_t*, int64_t, const Heads&, float*);

}  // namespace qwark
