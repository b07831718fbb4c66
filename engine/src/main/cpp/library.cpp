// The operators as libtorch sees them: checks what they are given and hands it on. An operator that was
// given something wrong throws, which ends the program that called it with an error.
#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "attention.h"
#include "heads.h"
#include "linear.h"
#include "shortlist.h"
#include "simd.h"
#include "threads.h"
#include "torch_api.h"

namespace qwark {
namespace {

// Numbers up to which rows are prepared by the calling thread alone: the others take longer to start.
constexpr int64_t kSmall = 1 << 14;

// 8-bit rows that live as long as a call.
class Rows {
 public:
  // prepare(row, from): where the K numbers of that row are, or puts them at `from`.
  template <typename F>
  Rows(int64_t M, int64_t K, F prepare)
      : values_(new int8_t[M * K]), scale_(new float[M]), sum_(new int32_t[M]), outliers_(new Outliers[M]) {
    int64_t parts = M * K <= kSmall ? 1 : parts_for(M);
    parallel(parts, [&](int64_t part) {
      std::vector<float> buffer(K);
      for (int64_t m = M * part / parts; m < M * (part + 1) / parts; m++) {
        const float* x = prepare(m, buffer.data());
        quantize_activations(
            x, K, values_.get() + m * K, &scale_[m], &sum_[m], &outliers_[m]);
      }
    });
  }

  QuantizedRows view() { return {values_.get(), scale_.get(), sum_.get(), outliers_.get()}; }

 private:
  // Not vectors, which one thread would fill with zeros first.
  std::unique_ptr<int8_t[]> values_;
  std::unique_ptr<float[]> scale_;
  std::unique_ptr<int32_t[]> sum_;
  std::unique_ptr<Outliers[]> outliers_;
};

// A weight of K columns, whose size tells how many bits it has.
PackedWeight packed_weight(const Tensor& weight, const Tensor& scale, int64_t K) {
  int64_t count = panels(scale.size(0));
  for (int bits : {8, 4}) {
    PackedWeight packed{weight.data<uint8_t>(), bits};
    if (K % (bits == 4 ? kGroup : 4) == 0 && weight.numel() == count * packed.panel_bytes(K)) return packed;
  }
  require(false, "a weight has the wrong size");
  return {};
}

// The product of rows (M, K) and a weight.
void multiply(
    Rows& rows, int64_t M, int64_t K, const Tensor& weight, const Tensor& scale, Into into, const Tensor& y) {
  linear(
      rows.view(), packed_weight(weight, scale, K), scale.data<float>(), y.data<float>(), M, scale.size(0), K,
      into);
}

// The product of normalized rows and a weight: x, norm, eps, weight, scale.
Tensor norm_product(StableIValue* stack, Into into) {
  Tensor x = tensor(stack[0], kFloat32, 2), norm = tensor(stack[1], kFloat32, 1);
  float eps = static_cast<float>(floating(stack[2]));
  Tensor weight = tensor(stack[3], kUInt8, 1), scale = tensor(stack[4], kFloat32, 1);
  int64_t M = x.size(0), K = x.size(1), N = scale.size(0);
  require(norm.size(0) == K, "a norm has the wrong size");
  require(into != Into::kGated || N % kPanel == 0, "gates are not in whole panels");
  Rows rows(M, K, [&](int64_t m, float* buffer) {
    rms_norm(x.data<float>() + m * K, norm.data<float>(), eps, buffer, K);
    return buffer;
  });
  Tensor y = Tensor::empty({M, into == Into::kGated ? N / 2 : N}, kFloat32);
  multiply(rows, M, K, weight, scale, into, y);
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

// A cache as an operator is given it: keys, values and their scales, which are empty where there are none.
struct CacheTensors {
  Tensor keys, values, key_scales, value_scales;

  explicit CacheTensors(const StableIValue* stack)
      : keys(tensor(stack[0])),
        values(tensor(stack[1])),
        key_scales(tensor(stack[2])),
        value_scales(tensor(stack[3])) {}

  template <typename T>
  Cache<T> view() const {
    return {keys.data<T>(), values.data<T>(), key_scales.data<float>(), value_scales.data<float>()};
  }

  // Calls body with the cache in its type.
  template <typename F>
  void visit(F body) const {
    switch (keys.dtype()) {
      case kFloat32:
        return body(view<float>());
      case kBFloat16:
        return body(view<uint16_t>());
      default:
        return body(view<int8_t>());
    }
  }
};

Heads heads_of(int64_t queries, const CacheTensors& cache) {
  const Tensor& keys = cache.keys;
  require(keys.dim() == 3 && cache.values.dim() == 3, "a cache has the wrong number of dimensions");
  require(
      keys.numel() == cache.values.numel() && keys.dtype() == cache.values.dtype(),
      "the caches differ");
  require(
      keys.dtype() == kFloat32 || keys.dtype() == kBFloat16 || keys.dtype() == kInt8,
      "a cache is of the wrong type");
  int64_t scales = keys.dtype() == kInt8 ? keys.size(0) * keys.size(1) : 0;
  for (const Tensor* scale : {&cache.key_scales, &cache.value_scales}) {
    require(scale->dtype() == kFloat32 && scale->numel() == scales, "scales are missing");
  }
  Heads heads{queries, keys.size(0), keys.size(2), keys.size(1)};
  require(heads.capacity % kGroupTokens == 0, "the tokens of a cache are not a multiple of 16");
  require(heads.dimension % 16 == 0, "the dimension of a head is not a multiple of 16");
  require(queries % heads.keys == 0 && queries / heads.keys <= 32, "the heads do not fit");
  return heads;
}

void split_heads(StableIValue* stack, uint64_t, uint64_t) {
  Tensor qkv = tensor(stack[0], kFloat32, 2);
  Tensor bias = tensor(stack[1], kFloat32, 1), norm = tensor(stack[2], kFloat32, 2);
  float eps = static_cast<float>(floating(stack[3]));
  Tensor balance = tensor(stack[4], kFloat32, 3);
  Tensor cos = tensor(stack[5], kFloat32, 3), sin = tensor(stack[6], kFloat32, 3);
  Tensor positions = tensor(stack[7], kInt64, 1), slots = tensor(stack[8], kInt64, 1);
  CacheTensors cache(stack + 9);
  int64_t T = qkv.size(0), width = qkv.size(1), D = norm.size(1);
  require(D > 0 && width % D == 0, "wrong heads");
  Heads heads = heads_of(width / D - 2 * cache.keys.size(0), cache);
  require(heads.queries > 0 && heads.dimension == D, "wrong heads");
  require(norm.size(0) == 0 || norm.size(0) == heads.queries + heads.keys, "wrong norms");
  require(bias.size(0) == 0 || bias.size(0) == width, "a bias has the wrong size");
  require(
      balance.numel() == 0 || balance.numel() == 2 * heads.keys * D, "a balance has the wrong size");
  require(positions.size(0) == T && slots.size(0) == T, "tokens are missing");
  for (int64_t t = 0; t < T; t++) {
    int64_t position = positions.data<int64_t>()[t], slot = slots.data<int64_t>()[t];
    require(position >= 0 && position < cos.size(0), "a position is outside of the tables");
    require(slot >= 0 && slot < heads.capacity, "a slot is outside of the cache");
  }
  HeadWeights weights{
      bias.size(0) == 0 ? nullptr : bias.data<float>(),
      norm.size(0) == 0 ? nullptr : norm.data<float>(), eps,
      balance.numel() == 0 ? nullptr : balance.data<float>()};
  Tensor queries = Tensor::empty({T, heads.queries, heads.dimension}, kFloat32);
  cache.visit([&](auto view) {
    qwark::split_heads(
        qkv.data<float>(), T, weights, cos.data<float>(), sin.data<float>(),
        positions.data<int64_t>(), slots.data<int64_t>(), heads, queries.data<float>(), view);
  });
  stack[0] = queries.release();
}

// For this processor.
template <typename T>
Attend<T> attend_here(const Cache<T>&) {
  static const bool bf16 = __builtin_cpu_supports("avx512bf16");
  return bf16 ? with_bf16::attend<T> : without_bf16::attend<T>;
}

constexpr int64_t kSpanNumbers = 6;
static_assert(sizeof(Span) == kSpanNumbers * sizeof(int64_t), "a span is its numbers");

// Of a step of T tokens.
void require_valid(const Span& run, int64_t T, int64_t capacity) {
  require(run.row >= 0 && run.rows > 0 && run.row + run.rows <= T, "a run is outside of the step");
  require(run.rows <= run.length, "a run is longer than its sequence");
  require(
      run.start % kGroupTokens == 0 && run.shared_start % kGroupTokens == 0,
      "a sequence does not begin at a multiple of 16");
  require(run.shared >= 0 && run.shared % kBlock == 0, "shared tokens are not whole blocks");
  require(run.shared <= run.length - run.rows, "a run is within shared tokens");
  require(
      run.start + run.shared >= 0 && run.start + run.length <= capacity && run.shared_start >= 0 &&
          run.shared_start + run.shared <= capacity,
      "a run is outside of the cache");
}

void attend(StableIValue* stack, uint64_t, uint64_t) {
  Tensor queries = tensor(stack[0], kFloat32, 3);
  CacheTensors cache(stack + 1);
  Tensor spans = tensor(stack[5], kInt64, 2);
  int64_t T = queries.size(0);
  Heads heads = heads_of(queries.size(1), cache);
  require(spans.size(1) == kSpanNumbers, "a run has the wrong number of numbers");
  const Span* runs = reinterpret_cast<const Span*>(spans.data<int64_t>());
  for (int64_t s = 0; s < spans.size(0); s++) {
    require_valid(runs[s], T, heads.capacity);
  }
  Tensor out = Tensor::empty({T, heads.queries * heads.dimension}, kFloat32);
  cache.visit([&](auto view) {
    attend_here(view)(
        queries.data<float>(), view, runs, spans.size(0), heads, out.data<float>());
  });
  stack[0] = out.release();
}

// Copies what is in `count` slots, and what shares a group of the cache with the last of them: all heads on all
// threads.
void move_slots(StableIValue* stack, uint64_t, uint64_t) {
  Tensor memory = tensor(stack[0]);
  int64_t source = stack[1], target = stack[2], count = stack[3];
  require(memory.dim() >= 2, "a cache has the wrong number of dimensions");
  int64_t heads = memory.size(0), capacity = memory.size(1);
  require(source % kGroupTokens == 0 && target % kGroupTokens == 0, "slots are not where groups begin");
  int64_t groups = (count + kGroupTokens - 1) / kGroupTokens;
  for (int64_t slot : {source, target}) {
    require(slot >= 0 && count >= 0 && slot + groups * kGroupTokens <= capacity, "slots are outside of the cache");
  }
  int64_t width = memory.dim() == 3 ? memory.size(2) : 1;
  int64_t bytes = width * (memory.dtype() == kFloat32 ? 4 : memory.dtype() == kBFloat16 ? 2 : 1);
  // Pieces small enough that all threads have some.
  constexpr int64_t kPieces = 4;
  parallel(heads * kPieces, [&](int64_t part) {
    int64_t from = groups * (part % kPieces) / kPieces * kGroupTokens;
    int64_t to = groups * (part % kPieces + 1) / kPieces * kGroupTokens;
    uint8_t* head = memory.data<uint8_t>() + part / kPieces * capacity * bytes;
    std::memmove(
        head + (target + from) * bytes, head + (source + from) * bytes, (to - from) * bytes);
  });
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
    {"split_heads",
     "split_heads(Tensor qkv, Tensor bias, Tensor norm, float eps, Tensor balance, Tensor cos, "
     "Tensor sin, Tensor positions, Tensor slots, Tensor(a!) keys, Tensor(b!) values, Tensor(c!) key_scales, "
     "Tensor(d!) value_scales) -> Tensor",
     split_heads},
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
