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

void best_of_row(const float* row, int64_t V, int64_t k, int64_t* ids, float* values) {
  // A heap whose first entry is the last of the best so far.
  std::vector<Entry> heap;
  heap.reserve(k);
  __m512 bound = _mm512_set1_ps(-INFINITY);
  for (int64_t v = 0; v < V; v += kLanes) {
    __mmask16 there = first(V - v);
    __m512 x = _mm512_maskz_loadu_ps(there, row + v);
    bool full = static_cast<int64_t>(heap.size()) == k;
    // Not less or equal: greater, or not a number. Equal ones come later and have larger ids.
    __mmask16 hits = full ? _mm512_mask_cmp_ps_mask(there, x, bound, _CMP_NLE_UQ) : there;
    for (; hits != 0; hits &= hits - 1) {
      int64_t id = v + __builtin_ctz(hits);
      Entry entry{row[id], id};
      if (static_cast<int64_t>(heap.size()) < k) {
        heap.push_back(entry);
        std::push_heap(heap.begin(), heap.end(), before);
      } else if (before(entry, heap.front())) {
        std::pop_heap(heap.begin(), heap.end(), before);
        heap.back() = entry;
        std::push_heap(heap.begin(), heap.end(), before);
      }
    }
    if (static_cast<int64_t>(heap.size()) == k) bound = _mm512_set1_ps(rank(heap.front().score));
  }
  std::sort_heap(heap.begin(), heap.end(), before);
  for (int64_t i = 0; i < k; i++) {
    ids[i] = heap[i].id;
    values[i] = heap[i].score;
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
