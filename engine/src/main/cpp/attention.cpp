// Compiled twice, see attention.h: QWARK_VARIANT names the namespace.
#include "attention.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "attention_bf16.h"
#include "attention_float.h"
#include "attention_int8.h"
#include "simd.h"
#include "threads.h"

namespace qwark {
namespace QWARK_VARIANT {
namespace {

template <typename T>
struct BlockOf;
template <>
struct BlockOf<float> {
  using Type = FloatBlock;
};
template <>
struct BlockOf<uint16_t> {
  using Type = Bf16Block;
};
template <>
struct BlockOf<int8_t> {
  using Type = Int8Block;
};

// A part of the work: some rows of a run, for the query heads that share a key head.
struct Item {
  int64_t row;        // first, in queries and out
  int64_t rows;
  const Span* span;
  int64_t length;     // tokens that the first row sees
  int64_t head;       // of keys
};

// Factors that change nothing.
const std::array<float, kGroup> kUnchanged = [] {
  std::array<float, kGroup> ones;
  ones.fill(1.f);
  return ones;
}();

// What one thread works with, kept from one call to the next.
template <typename T>
struct Scratch {
  typename BlockOf<T>::Type products;
  std::vector<uint8_t> queries;
  std::vector<float> out;
  float scores[kGroup * kStretch];
  float largest[kGroup], total[kGroup], factor[kGroup];

  static Scratch& get(int64_t D) {
    static thread_local Scratch s;
    s.queries.resize(kGroup * BlockOf<T>::Type::query_bytes(D));
    s.out.resize(kGroup * D);
    return s;
  }
};

template <typename T>
struct Places {
  const T* keys;
  const T* values;
  const float* key_scales;
  const float* value_scales;

  // They are needed once all scores are there, and then there is nothing else to do.
  void fetch_scales() const {
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      fetch(key_scales + i);
      fetch(value_scales + i);
    }
  }
};

// Turns one query's scores of a stretch, whose blocks lie at `blocks` and of which it sees the first n and others as
// many as `most`, into weights relative to the largest score so far; `factor` is what earlier sums are multiplied with.
// Scales of keys and values, if there are any, are applied to scores and weights.
template <typename T>
void soften(Scratch<T>& s, int64_t query, int64_t n, int64_t most, const Places<T>* blocks) {
  constexpr bool kScaled = BlockOf<T>::Type::kScaled;
  float* scores = s.scores + query * kStretch;
  __m512 largest = _mm512_set1_ps(-INFINITY);
  each_vector(n, [&](int64_t i, __mmask16 there) {
    __m512 score = _mm512_mask_loadu_ps(_mm512_set1_ps(-INFINITY), there, scores + i);
    if (kScaled) {
      const float* scales = blocks[i / kBlock].key_scales + i % kBlock;
      score = _mm512_mask_mul_ps(score, there, score, _mm512_maskz_loadu_ps(there, scales));
      store(scores + i, score);
    }
    largest = _mm512_max_ps(largest, score);
  });
  float now = std::max(s.largest[query], _mm512_reduce_max_ps(largest));
  __m512 reference = _mm512_set1_ps(now);
  __m512 sum = _mm512_setzero_ps();
  each_vector(n, [&](int64_t i, __mmask16 there) {
    __m512 weight = _mm512_maskz_mov_ps(there, exp2(_mm512_sub_ps(load(scores + i), reference)));
    sum = _mm512_add_ps(sum, weight);
    if (kScaled) {
      const float* scales = blocks[i / kBlock].value_scales + i % kBlock;
      weight = _mm512_mul_ps(weight, _mm512_maskz_loadu_ps(there, scales));
    }
    store(scores + i, weight);
  });
  for (int64_t i = (n + kLanes - 1) / kLanes * kLanes; i < most; i += kLanes) {
    store(scores + i, _mm512_setzero_ps());
  }
  s.products.put_weights(scores, most, query);
  s.factor[query] = _mm512_cvtss_f32(exp2(_mm512_set1_ps(s.largest[query] - now)));
  s.total[query] = s.total[query] * s.factor[query] + _mm512_reduce_add_ps(sum);
  s.largest[query] = now;
}

template <typename T>
void compute(
    const Item& item, const Item& following, const float* queries, const Cache<T>& cache,
    const Heads& heads, float* out) {
  int64_t D = heads.dimension;
  int64_t group = heads.queries / heads.keys;
  int64_t n = item.rows * group;
  int64_t width = heads.queries * D;
  Scratch<T>& s = Scratch<T>::get(D);
  // Numbers of queries, and of what comes out, that belong to a row of an item: other heads' lie between one row's and
  // the next's, so that they have to be asked for.
  auto place = [&](const Item& of, int64_t row) { return (of.row + row) * width + of.head * group * D; };
  // Scores are computed times the logarithm of e to base 2, so that weights are powers of 2.
  __m512 root = _mm512_set1_ps(1.44269504f / std::sqrt(static_cast<float>(D)));
  for (int64_t q = 0; q < n; q++) {
    const float* from = queries + place(item, q / group) + q % group * D;
    s.products.put_query(from, root, D, s.queries.data(), q);
  }
  std::fill_n(s.largest, n, -INFINITY);
  std::fill_n(s.total, n, 0.f);
  std::fill_n(s.out.begin(), n * D, 0.f);
  auto places = [&](const Item& of, int64_t from) {
    int64_t start = from < of.span->shared ? of.span->shared_start : of.span->start;
    int64_t slot = of.head * heads.capacity + start + from;
    return Places<T>{
        cache.keys + slot * D, cache.values + slot * D, cache.key_scales + slot,
        cache.value_scales + slot};
  };
  int64_t length = item.length + item.rows - 1;
  for (int64_t from = 0; from < length; from += kStretch) {
    int64_t most = std::min(kStretch, length - from);
    int64_t count = (most + kBlock - 1) / kBlock;
    Places<T> blocks[kStretch / kBlock];
    for (int64_t b = 0; b < count; b++) {
      blocks[b] = places(item, from + b * kBlock);
      if (BlockOf<T>::Type::kScaled) blocks[b].fetch_scales();
    }
    Places<T> next = from + kStretch < length ? places(item, from + kStretch) : places(following, 0);
    for (int64_t b = 0; b < count; b++) {
      const T* ahead = b + 1 < count ? blocks[b + 1].keys : blocks[0].values;
      s.products.dots(
          s.queries.data(), n, blocks[b].keys, ahead, std::min(kBlock, most - b * kBlock), D,
          s.scores + b * kBlock);
    }
    for (int64_t q = 0; q < n; q++) {
      if (from == 0 && q / group < following.rows) {
        fetch_to_read(queries + place(following, q / group) + q % group * D, D);
      }
      if (from + kStretch >= length) fetch_to_write(out + place(item, q / group) + q % group * D, D);
      soften(s, q, std::min(kStretch, item.length + q / group - from), most, blocks);
    }
    for (int64_t b = 0; b < count; b++) {
      const T* ahead = b + 1 < count ? blocks[b + 1].values : next.keys;
      s.products.weigh(
          n, b * kBlock, blocks[b].values, ahead, std::min(kBlock, most - b * kBlock), D,
          b == 0 ? s.factor : kUnchanged.data(), s.out.data());
    }
  }
  for (int64_t q = 0; q < n; q++) {
    const float* sum = s.out.data() + q * D;
    float* to = out + place(item, q / group) + q % group * D;
    __m512 total = _mm512_set1_ps(s.total[q]);
    for (int64_t d = 0; d < D; d += kLanes) store(to + d, _mm512_div_ps(load(sum + d), total));
  }
}

}  // namespace

template <typename T>
void attend(
    const float* queries, const Cache<T>& cache, const Span* spans, int64_t count,
    const Heads& heads, float* out) {
  int64_t group = heads.queries / heads.keys;
  int64_t most = std::max<int64_t>(1, kGroup / group);
  std::vector<Item> items;
  for (const Span* span = spans; span < spans + count; span++) {
    for (int64_t r = 0; r < span->rows; r += most) {
      int64_t rows = std::min(most, span->rows - r);
      int64_t length = span->length - span->rows + r + 1;
      for (int64_t h = 0; h < heads.keys; h++) {
        items.push_back({span->row + r, rows, span, length, h});
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
    const float*, const Cache<float>&, const Span*, int64_t, const Heads&, float*);
template void attend(
    const float*, const Cache<uint16_t>&, const Span*, int64_t, const Heads&, float*);
template void attend(
    const float*, const Cache<int8_t>&, const Span*, int64_t, const Heads&, float*);

}  // namespace QWARK_VARIANT
}  // namespace qwark
