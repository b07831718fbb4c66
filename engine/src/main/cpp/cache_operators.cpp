// Operators on the cache of keys and values.
#include <numeric>
#include <type_traits>

#include "attention.h"
#include "factors.h"
#include "heads.h"
#include "operators.h"

namespace qwark {
namespace {

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

}  // namespace

// The product of normalized rows, whose columns are heads.
void norm_heads_linear(StableIValue* stack, uint64_t, uint64_t) {
  NormedFactors factors(stack);
  Tensor bias = tensor(stack[5], kFloat32, 1), norm = tensor(stack[6], kFloat32, 2);
  Tensor balance = tensor(stack[7], kFloat32, 3);
  Tensor cos = tensor(stack[8], kFloat32, 3), sin = tensor(stack[9], kFloat32, 3);
  Tensor positions = tensor(stack[10], kInt64, 1), slots = tensor(stack[11], kInt64, 1);
  CacheTensors cache(stack + 12);
  int64_t T = factors.M, width = factors.N, D = norm.size(1);
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
      norm.size(0) == 0 ? nullptr : norm.data<float>(), factors.eps,
      balance.numel() == 0 ? nullptr : balance.data<float>()};
  Tensor queries = Tensor::empty({T, heads.queries, D}, kFloat32);
  Rows rows = factors.rows();
  cache.visit([&](auto view) {
    HeadsTarget<std::remove_pointer_t<decltype(view.keys)>> target{
        weights, cos.data<float>(), sin.data<float>(), positions.data<int64_t>(), slots.data<int64_t>(),
        heads,   queries.data<float>(), view};
    linear_pieces(
        rows.view(), packed_weight(factors.weight, factors.scale, factors.K), factors.scale.data<float>(), T,
        width, factors.K, std::lcm(D, kPanel), [&](const Piece& piece) { target.take(piece); });
  });
  stack[0] = queries.release();
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

}  // namespace qwark
