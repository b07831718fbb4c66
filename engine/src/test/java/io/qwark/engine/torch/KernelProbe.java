package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Map;
import java.util.Random;

/** A program that calls single operators of src/main/cpp, on two threads. */
final class KernelProbe {
  private static final String PROBE =
      """
      class Probe(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def attend(self: __torch__.Probe, q: Tensor, k: Tensor, v: Tensor, scales: Tensor, heads: List[int], spans: List[int]) -> Tensor:
          KV = heads[1]
          D = heads[2]
          dtype = heads[3]
          n = heads[4]
          runs = torch.view(torch.tensor(spans, dtype=4), [-1, 6])
          keys = torch.view(k, [KV, -1, D])
          values = torch.view(v, [KV, -1, D])
          C = torch.size(keys, 1)
          if n > 1:
            keys = torch.permute(torch.view(keys, [KV, -1, 16, D // n, n]), [0, 1, 3, 2, 4])
            values = torch.permute(torch.view(values, [KV, -1, n, D]), [0, 1, 3, 2])
          else:
            pass
          keys = torch.view(torch.to(torch.contiguous(keys), dtype), [KV, C, D])
          values = torch.view(torch.to(torch.contiguous(values), dtype), [KV, C, D])
          scale = torch.view(scales, [-1, C])
          return ops.qwark.attend(torch.view(q, [-1, heads[0], D]), keys, values, scale, scale, runs)
        def linear(self: __torch__.Probe, x: Tensor, weight: Tensor, M: int, N: int, K: int) -> Tensor:
          return self.product(x, weight, M, N, K, K)
        def linear4(self: __torch__.Probe, x: Tensor, weight: Tensor, M: int, N: int, K: int) -> Tensor:
          return self.product(x, weight, M, N, K, K // 32 * 18)
        def product(self: __torch__.Probe, x: Tensor, weight: Tensor, M: int, N: int, K: int, row: int) -> Tensor:
          panels = (N + 63) // 64
          packed = torch.empty([panels * 64 * row], dtype=0)
          scale = torch.empty([N], dtype=6)
          rows = torch.set_(torch.empty([0], dtype=0), weight, 0, [N, 4 * K], [4 * K, 1])
          _0 = ops.qwark.pack(rows, 6, packed, scale, 0, 0, 0)
          to = torch.zeros([M, N], dtype=6)
          ops.qwark.add_linear(to, torch.view(x, [M, K]), packed, scale)
          return to
        def gated(self: __torch__.Probe, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, M: int, N: int, K: int) -> Tensor:
          return self.gated_product(x, norm, gate, up, M, N, K, K)
        def gated4(self: __torch__.Probe, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, M: int, N: int, K: int) -> Tensor:
          return self.gated_product(x, norm, gate, up, M, N, K, K // 32 * 18)
        def gated_product(self: __torch__.Probe, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, M: int, N: int, K: int, row: int) -> Tensor:
          packed = torch.empty([2 * N * row], dtype=0)
          scale = torch.empty([2 * N], dtype=6)
          parts = [gate, up]
          for i in range(2):
            rows = torch.set_(torch.empty([0], dtype=0), parts[i], 0, [N, 4 * K], [4 * K, 1])
            half = N // 2
            _0 = ops.qwark.pack(torch.narrow(rows, 0, 0, half), 6, packed, scale, 0, 32 * i, 1)
            _1 = ops.qwark.pack(torch.narrow(rows, 0, half, N - half), 6, packed, scale, half, 32 * i, 1)
          return ops.qwark.norm_gated_linear(torch.view(x, [M, K]), norm, 0.00001, packed, scale)
        def heads(self: __torch__.Probe, qkv: Tensor, balance: Tensor, N: int, KV: int, D: int, dtype: int) -> Tensor:
          width = (N + 2 * KV) * D
          T = torch.numel(qkv) // width
          scaled = 0
          if dtype == 1:
            scaled = KV
          else:
            pass
          packed = torch.empty([(width + 63) // 64 * 64 * width], dtype=0)
          scale = torch.empty([width], dtype=6)
          rows = torch.set_(torch.empty([0], dtype=0), torch.eye(width, dtype=6), 0, [width, 4 * width], [4 * width, 1])
          _0 = ops.qwark.pack(rows, 6, packed, scale, 0, 0, 0)
          keys = torch.zeros([KV, T, D], dtype=dtype)
          values = torch.zeros([KV, T, D], dtype=dtype)
          key_scales = torch.zeros([scaled, T], dtype=6)
          value_scales = torch.zeros([scaled, T], dtype=6)
          cos = torch.ones([1, 1, D], dtype=6)
          sin = torch.zeros([1, 1, D], dtype=6)
          positions = torch.zeros([T], dtype=4)
          slots = torch.arange(0, T, 1, dtype=4)
          none = torch.empty([0], dtype=6)
          norm = torch.empty([0, D], dtype=6)
          x = torch.view(qkv, [T, width])
          # No norm: it only takes the rows' size from them.
          size = torch.sqrt(torch.mean(torch.square(x)))
          q = ops.qwark.norm_heads_linear(x, torch.mul(torch.ones([width], dtype=6), size), 0.00001, packed, scale, none, norm, torch.view(balance, [-1, KV, D]), cos, sin, positions, slots, keys, values, key_scales, value_scales)
          runs = torch.view(torch.tensor([0, T, 0, T, 0, 0], dtype=4), [1, 6])
          return ops.qwark.attend(q, keys, values, key_scales, value_scales, runs)
        def turned(self: __torch__.Probe, x: Tensor, w: Tensor, bias: Tensor, head_norm: Tensor, cos: Tensor, sin: Tensor, positions: Tensor, KV: int, D: int) -> List[Tensor]:
          T = torch.numel(positions)
          K = torch.numel(x) // T
          width = torch.numel(w) // K
          packed = torch.empty([(width + 63) // 64 * 64 * K], dtype=0)
          scale = torch.empty([width], dtype=6)
          rows = torch.set_(torch.empty([0], dtype=0), w, 0, [width, 4 * K], [4 * K, 1])
          _0 = ops.qwark.pack(rows, 6, packed, scale, 0, 0, 0)
          keys = torch.zeros([KV, 512, D], dtype=6)
          values = torch.zeros([KV, 512, D], dtype=6)
          slots = torch.arange(16, T + 16, 1, dtype=4)
          none = torch.empty([0], dtype=6)
          balance = torch.empty([0, KV, D], dtype=6)
          norm = torch.ones([K], dtype=6)
          input = torch.view(x, [T, K])
          q = ops.qwark.norm_heads_linear(input, norm, 0.00001, packed, scale, bias, torch.view(head_norm, [-1, D]), balance, torch.view(cos, [-1, 1, D]), torch.view(sin, [-1, 1, D]), positions, slots, keys, values, none, none)
          return [ops.qwark.norm_linear(input, norm, 0.00001, packed, scale), q, keys, values]
        def shortlist(self: __torch__.Probe, scores: Tensor, rows: int, k: int) -> List[Tensor]:
          x = torch.view(scores, [rows, -1])
          values, ids = ops.qwark.shortlist(x, k)
          return [values, ids, ops.qwark.log_sum_exp(x)]
        def set_num_threads(self: __torch__.Probe, threads: int) -> int:
          return ops.qwark.set_num_threads(threads)
      """;

  private KernelProbe() {}

  /** Skips the test where the operators cannot be had. */
  static TorchModule load() {
    assumeTrue(NativeKernels.unavailable() == null, NativeKernels.unavailable());
    TorchRuntime.version();
    NativeKernels.load();
    TorchModule module = TorchModule.load("Probe", PROBE, Map.of("training", false), 1);
    try (TorchModule.Scope scope = module.scope()) {
      assertEquals(2, scope.callForLong("set_num_threads", 2));
    }
    return module;
  }

  static float[] normal(Random random, int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }
}
