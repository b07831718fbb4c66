#include "shortlist.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "simd.h"
#include "threads.h"

namespace qwark {
namespace {

struct Entry {
  float score;
  int64_t id;
};

float rank(float score) { return std::isnan(score) ? INFINITY : score; }

// Whether a comes before b.
bool before(const Entry& a, const Entry& b) {
  float x = rank(a.score), y = rank(b.score);
  return x != y ? x > y : a.id < b.id;
}

// The best k of what was added.
class Best {
 public:
  explicit Best(int64_t k) : k_(k) { heap_.reserve(k); }

  void add(Entry entry) {
    if (!full()) {
      heap_.push_back(entry);
    } else if (before(entry, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), before);
      heap_.back() = entry;
    } else {
      return;
    }
    std::push_heap(heap_.begin(), heap_.end(), before);
  }

  // What a score must exceed to be among them, given that its id is larger than those of all others.
  float bound() const { return full() ? rank(heap_.front().score) : -INFINITY; }

  bool full() const { return static_cast<int64_t>(heap_.size()) == k_; }

  const std::vector<Entry>& sorted() {
    std::sort_heap(heap_.begin(), heap_.end(), before);
    return heap_;
  }

 private:
  int64_t k_;
  // A heap whose first entry is the last of the best.
  std::vector<Entry> heap_;
};

// Lanes that exceed the bound or are not a number.
__mmask16 hits(const float* x, __mmask16 there, __m512 bound) {
  return _mm512_mask_cmp_ps_mask(there, _mm512_maskz_loadu_ps(there, x), bound, _CMP_NLE_UQ);
}

void best_of_row(const float* row, int64_t V, int64_t k, int64_t* ids, float* values) {
  Best best(k);
  int64_t v = 0;
  for (; v < k; v++) best.add({row[v], v});
  __m512 bound = _mm512_set1_ps(best.bound());
  while (v < V) {
    // Most of a vocabulary is far from the best: look at four vectors at once.
    if (v + 4 * kLanes <= V) {
      __mmask16 any = 0;
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) any |= hits(row + v + kLanes * j, 0xFFFF, bound);
      if (any == 0) {
        v += 4 * kLanes;
        continue;
      }
    }
    for (__mmask16 hit = hits(row + v, first(V - v), bound); hit != 0; hit &= hit - 1) {
      int64_t id = v + __builtin_ctz(hit);
      best.add({row[id], id});
    }
    bound = _mm512_set1_ps(best.bound());
    v += kLanes;
  }
  const std::vector<Entry>& sorted = best.sorted();
  for (int64_t i = 0; i < k; i++) {
    ids[i] = sorted[i].id;
    values[i] = sorted[i].score;
  }
}

float log_sum_exp_of_row(const float* row, int64_t V) {
  __m512 most = _mm512_set1_ps(-INFINITY);
  __mmask16 nan = 0;
  for (int64_t v = 0; v < V; v += kLanes) {
    __m512 x = _mm512_mask_loadu_ps(_mm512_set1_ps(-INFINITY), first(V - v), row + v);
    nan |= _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    most = _mm512_max_ps(most, x);
  }
  float largest = _mm512_reduce_max_ps(most);
  if (nan != 0 || std::isinf(largest)) return nan != 0 ? NAN : largest;
  __m512 sum = _mm512_setzero_ps();
  for (int64_t v = 0; v < V; v += kLanes) {
    __mmask16 there = first(V - v);
    __m512 x = _mm512_sub_ps(_mm512_maskz_loadu_ps(there, row + v), _mm512_set1_ps(largest));
    sum = _mm512_add_ps(sum, _mm512_maskz_mov_ps(there, exp(x)));
  }
  return largest + std::log(_mm512_reduce_add_ps(sum));
}

}  // namespace

void best(const float* scores, int64_t R, int64_t V, int64_t k, int64_t* ids, float* values) {
  parallel(R, [&](int64_t r) { best_of_row(scores + r * V, V, k, ids + r * k, values + r * k); });
}

void log_sum_exp(const float* x, int64_t R, int64_t V, float* result) {
  parallel(R, [&](int64_t r) { result[r] = log_sum_exp_of_row(x + r * V, V); });
}

}  // namespace qwark
