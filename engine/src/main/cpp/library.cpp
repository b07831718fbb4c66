// The operators as libtorch sees them: checks what they are given and hands it on. An operator that was
// given something wrong throws, which ends the program that called it with an error.
#include <sys/mman.h>

#include <algorithm>

#include "factors.h"
#include "operators.h"
#include "shortlist.h"

namespace qwark {
namespace {

// The product of rows (M, K) and a weight.
void multiply(
    Rows& rows, int64_t M, int64_t K, const Tensor& weight, const Tensor& scale, Into into, const Tensor& y) {
  linear(
      rows.view(), packed_weight(weight, scale, K), scale.data<float>(), y.data<float>(), M, scale.size(0), K,
      into);
}

Tensor norm_product(StableIValue* stack, Into into) {
  NormedFactors factors(stack);
  int64_t N = factors.N;
  require(into != Into::kGated || N % kPanel == 0, "gates are not in whole panels");
  Rows rows = factors.rows();
  Tensor y = Tensor::empty({factors.M, into == Into::kGated ? N / 2 : N}, kFloat32);
  multiply(rows, factors.M, factors.K, factors.weight, factors.scale, into, y);
  return y;
}

void norm_linear(StableIValue* stack, uint64_t, uint64_t) {
  stack[0] = norm_product(stack, Into::kValue).release();
}

void norm_gated_linear(StableIValue* stack, uint64_t, uint64_t) {
  stack[0] = norm_product(stack, Into::kGated).release();
}

void add_linear(StableIValue* stack, uint64_t, uint64_t) {
  Tensor to = tensor(stack[0], kFloat32, 2), x = tensor(stack[1], kFloat32, 2);
  Tensor weight = tensor(stack[2], kUInt8, 1), scale = tensor(stack[3], kFloat32, 1);
  int64_t M = x.size(0), K = x.size(1);
  require(to.size(0) == M && to.size(1) == scale.size(0), "a sum has the wrong size");
  Rows rows(M, K, [&](int64_t m, float*) { return x.data<float>() + m * K; });
  multiply(rows, M, K, weight, scale, Into::kSum, to);
}

void shortlist(StableIValue* stack, uint64_t, uint64_t) {
  Tensor scores = tensor(stack[0], kFloat32, 2);
  int64_t R = scores.size(0), V = scores.size(1);
  int64_t k = std::min(static_cast<int64_t>(stack[1]), V);
  Tensor ids = Tensor::empty({R, k}, kInt64), values = Tensor::empty({R, k}, kFloat32);
  best(scores.data<float>(), R, V, k, ids.data<int64_t>(), values.data<float>());
  stack[0] = values.release();
  stack[1] = ids.release();
}

void log_sum_exp(StableIValue* stack, uint64_t, uint64_t) {
  Tensor x = tensor(stack[0], kFloat32, 2);
  Tensor result = Tensor::empty({x.size(0)}, kFloat32);
  qwark::log_sum_exp(x.data<float>(), x.size(0), x.size(1), result.data<float>());
  stack[0] = result.release();
}

// Rows n from `row` of a part on, and where they go: arguments row, offset and turns of pack and pack_int8.
RowPlaces places(const StableIValue* stack, int64_t n, const Tensor& scale) {
  int64_t row = stack[0];
  RowPlaces places{static_cast<int64_t>(stack[1]), stack[2] != 0};
  require(row >= 0 && places.offset >= 0, "rows are outside of their weight");
  require(n > 0 && places.of(row + n - 1) < scale.size(0), "rows are outside of their weight");
  return places;
}

// Fills the last panel behind the last row.
void finish(
    const RowPlaces& places, int64_t rows, int64_t K, const Tensor& packed, int bits, const Tensor& scale) {
  int64_t end = places.of(rows - 1) + 1;
  if (end == scale.size(0)) pad_rows(end, K, packed.data<uint8_t>(), bits);
}

void pack(StableIValue* stack, uint64_t, uint64_t) {
  Tensor rows = tensor(stack[0], kUInt8, 2);
  int dtype = static_cast<int>(stack[1]);
  Tensor packed = tensor(stack[2], kUInt8, 1), scale = tensor(stack[3], kFloat32, 1);
  int64_t row = stack[4];
  require(dtype == kFloat32 || dtype == kFloat16 || dtype == kBFloat16, "a weight's type is unknown");
  int64_t n = rows.size(0), K = rows.size(1) / (dtype == kFloat32 ? 4 : 2);
  int bits = packed_weight(packed, scale, K).bits;
  RowPlaces to = places(stack + 4, n, scale);
  require(
      pack_rows(
          rows.data<void>(), dtype, n, K, packed.data<uint8_t>(), bits, scale.data<float>(), row, to),
      "a weight is infinite or not a number");
  finish(to, row + n, K, packed, bits, scale);
  stack[0] = static_cast<StableIValue>(row + n);
}

void pack_int8(StableIValue* stack, uint64_t, uint64_t) {
  Tensor codes = tensor(stack[0], kUInt8, 2), row_scale = tensor(stack[1], kFloat32, 1);
  Tensor packed = tensor(stack[2], kUInt8, 1), scale = tensor(stack[3], kFloat32, 1);
  int64_t row = stack[4], n = codes.size(0), K = codes.size(1);
  require(packed_weight(packed, scale, K).bits == 8, "the rows do not fit into 4 bits");
  RowPlaces to = places(stack + 4, n, scale);
  require(row_scale.size(0) == n, "scales are missing");
  place_rows(
      reinterpret_cast<const int8_t*>(codes.data<uint8_t>()), row_scale.data<float>(), n, K,
      packed.data<uint8_t>(), scale.data<float>(), row, to);
  finish(to, row + n, K, packed, 8, scale);
  stack[0] = static_cast<StableIValue>(row + n);
}

void set_num_threads(StableIValue* stack, uint64_t, uint64_t) {
  set_threads(static_cast<int>(stack[0]));
  stack[0] = static_cast<StableIValue>(threads());
}

void huge_pages(StableIValue* stack, uint64_t, uint64_t) {
  Tensor memory = tensor(stack[0], kUInt8, 1);
  constexpr uintptr_t kSize = 2 << 20;
  uintptr_t begin = reinterpret_cast<uintptr_t>(memory.data<uint8_t>());
  uintptr_t end = begin + memory.numel();
  begin = (begin + kSize - 1) / kSize * kSize;
  // Advice only: a system without huge pages refuses it, and nothing else changes.
  bool taken = begin + kSize <= end &&
      madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE) == 0;
  stack[0] = taken;
}

struct Operator {
  const char* name;
  const char* schema;
  void (*call)(StableIValue*, uint64_t, uint64_t);
};

// Operators that write into an argument return nothing else, or what they compute beside it.
constexpr Operator kOperators[] = {
    {"norm_linear",
     "norm_linear(Tensor x, Tensor norm, float eps, Tensor weight, Tensor scale) -> Tensor",
     norm_linear},
    {"norm_gated_linear",
     "norm_gated_linear(Tensor x, Tensor norm, float eps, Tensor weight, Tensor scale) -> Tensor",
     norm_gated_linear},
    {"add_linear", "add_linear(Tensor(a!) to, Tensor x, Tensor weight, Tensor scale) -> ()",
     add_linear},
    {"norm_heads_linear",
     "norm_heads_linear(Tensor x, Tensor norm, float eps, Tensor weight, Tensor scale, Tensor bias, "
     "Tensor head_norm, Tensor balance, Tensor cos, Tensor sin, Tensor positions, Tensor slots, "
     "Tensor(a!) keys, Tensor(b!) values, Tensor(c!) key_scales, Tensor(d!) value_scales) -> Tensor",
     norm_heads_linear},
    {"attend",
     "attend(Tensor queries, Tensor keys, Tensor values, Tensor key_scales, Tensor value_scales, "
     "Tensor spans) -> Tensor",
     attend},
    {"move_slots", "move_slots(Tensor(a!) memory, int source, int target, int count) -> ()",
     move_slots},
    {"shortlist", "shortlist(Tensor scores, int k) -> (Tensor, Tensor)", shortlist},
    {"log_sum_exp", "log_sum_exp(Tensor x) -> Tensor", log_sum_exp},
    {"pack",
     "pack(Tensor rows, int dtype, Tensor(a!) packed, Tensor(b!) scale, int row, int offset, int turns) "
     "-> int",
     pack},
    {"pack_int8",
     "pack_int8(Tensor codes, Tensor row_scale, Tensor(a!) packed, Tensor(b!) scale, int row, int offset, "
     "int turns) -> int",
     pack_int8},
    {"huge_pages", "huge_pages(Tensor(a!) memory) -> int", huge_pages},
    {"set_num_threads", "set_num_threads(int threads) -> int", set_num_threads},
};

// Runs when the library is loaded.
const int registered = [] {
  TorchLibraryHandle definitions, implementations;
  check(aoti_torch_library_init_def("qwark", __FILE__, __LINE__, &definitions));
  check(aoti_torch_library_init_impl(
      "qwark", "CompositeExplicitAutograd", __FILE__, __LINE__, &implementations));
  for (const Operator& op : kOperators) {
    check(aoti_torch_library_def(definitions, op.schema));
    check(aoti_torch_library_impl(implementations, op.name, op.call));
  }
  return 0;
}();

}  // namespace
}  // namespace qwark
