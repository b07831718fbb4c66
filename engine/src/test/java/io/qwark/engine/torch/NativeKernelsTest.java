package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.KvCacheDtype;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators of src/main/cpp against their formulas, computed here in double precision. */
class NativeKernelsTest {
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
          runs = torch.view(torch.tensor(spans, dtype=4), [-1, 4])
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
          panels = (N + 63) // 64
          packed = torch.empty([panels * 64 * K], dtype=0)
          scale = torch.empty([N], dtype=6)
          rows = torch.set_(torch.empty([0], dtype=0), weight, 0, [N, 4 * K], [4 * K, 1])
          _0 = ops.qwark.pack(rows, 6, packed, scale, 0, 0, 0)
          to = torch.zeros([M, N], dtype=6)
          ops.qwark.add_linear(to, torch.view(x, [M, K]), packed, scale)
          return to
        def gated(self: __torch__.Probe, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, M: int, N: int, K: int) -> Tensor:
          packed = torch.empty([2 * N * K], dtype=0)
          scale = torch.empty([2 * N], dtype=6)
          parts = [gate, up]
          for i in range(2):
            rows = torch.set_(torch.empty([0], dtype=0), parts[i], 0, [N, 4 * K], [4 * K, 1])
            half = N // 2
            _0 = ops.qwark.pack(torch.narrow(rows, 0, 0, half), 6, packed, scale, 0, 32 * i, 1)
            _1 = ops.qwark.pack(torch.narrow(rows, 0, half, N - half), 6, packed, scale, half, 32 * i, 1)
          return ops.qwark.norm_gated_linear(torch.view(x, [M, K]), norm, 0.00001, packed, scale)
        def shortlist(self: __torch__.Probe, scores: Tensor, rows: int, k: int) -> List[Tensor]:
          x = torch.view(scores, [rows, -1])
          values, ids = ops.qwark.shortlist(x, k)
          return [values, ids, ops.qwark.log_sum_exp(x)]
        def set_num_threads(self: __torch__.Probe, threads: int) -> int:
          return ops.qwark.set_num_threads(threads)
      """;

  private static TorchModule module;

  @BeforeAll
  static void load() {
    assumeTrue(NativeKernels.unavailable() == null, NativeKernels.unavailable());
    TorchRuntime.version();
    NativeKernels.load();
    module = TorchModule.load("Probe", PROBE, Map.of("training", false), 1);
    try (TorchModule.Scope scope = module.scope()) {
      assertEquals(2, scope.callForLong("set_num_threads", 2));
    }
  }

  @AfterAll
  static void close() {
    if (module != null) {
      module.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 16", "2, 1, 32", "4, 2, 128", "8, 2, 64", "5, 1, 48"})
  void attentionIsTheFormulaHoweverItsSequenceIsCut(int heads, int keyHeads, int dimension) {
    for (KvCacheDtype dtype :
        List.of(KvCacheDtype.FLOAT32, KvCacheDtype.BFLOAT16, KvCacheDtype.INT8)) {
      attention(heads, keyHeads, dimension, dtype);
    }
  }

  private static void attention(int heads, int keyHeads, int dimension, KvCacheDtype dtype) {
    int length = 203;
    int start = 16;
    int capacity = 224;
    Random random = new Random(3);
    float[] q = normal(random, length * heads * dimension, 2);
    Cache cache =
        Cache.of(
            dtype,
            sequence(random, keyHeads, capacity, start, length, dimension),
            sequence(random, keyHeads, capacity, start, length, dimension));
    float[] k = cache.meant(cache.keys());
    float[] v = cache.meant(cache.values());
    long[] shape = {heads, keyHeads, dimension};
    float[] whole = attend(q, cache, shape, 0, length, start, length);

    int width = heads * dimension;
    for (int row : new int[] {0, 1, 2, 17, 62, 63, 64, 127, 128, 202}) {
      for (int head = 0; head < heads; head++) {
        int from = row * width + head * dimension;
        double[] expected =
            attention(q, from, k, v, head / (heads / keyHeads), capacity, start, row, dimension);
        for (int d = 0; d < dimension; d++) {
          assertEquals(
              expected[d],
              whole[from + d],
              cache.tolerance(),
              dtype + " row " + row + " head " + head);
        }
      }
      float[] alone =
          attend(
              Arrays.copyOfRange(q, row * width, (row + 1) * width),
              cache,
              shape,
              0,
              1,
              start,
              row + 1);
      assertArrayEquals(Arrays.copyOfRange(whole, row * width, (row + 1) * width), alone);
    }
    List<Long> spans = new ArrayList<>();
    for (int row = 0, n; row < length; row += n) {
      n = Math.min(length - row, 1 + random.nextInt(70));
      spans.addAll(List.of((long) row, (long) n, (long) start, (long) row + n));
    }
    assertArrayEquals(
        whole, attend(q, cache, shape, spans.stream().mapToLong(Long::longValue).toArray()));
  }

  /** Rounded with the outliers' scale, all other numbers of the row would be nothing. */
  @Test
  void outliersLeaveTheOtherNumbersOfTheirRowTheirPrecision() {
    int inputs = 1024;
    int outputs = 64;
    Random random = new Random(12);
    float[] x = normal(random, 2 * inputs, 1);
    for (int outlier : new int[] {3, 4, 100, 1023}) {
      x[inputs + outlier] = 500 + outlier;
    }
    // Weights that 8 bits hold exactly, and that do not see the outliers.
    float[] w = new float[outputs * inputs];
    for (int i = 0; i < w.length; i++) {
      w[i] = (random.nextInt(255) - 127) / 128f;
    }
    for (int row = 0; row < outputs; row++) {
      for (int outlier : new int[] {3, 4, 100, 1023}) {
        w[row * inputs + outlier] = 0;
      }
      w[row * inputs] = 127 / 128f;
    }
    float[] y;
    try (TorchModule.Scope scope = module.scope()) {
      y = scope.call("linear", scope.floats(x), scope.floats(w), 2, outputs, inputs).toFloatArray();
    }
    for (int row = 0; row < 2; row++) {
      double squares = 0;
      for (int output = 0; output < outputs; output++) {
        double exact = 0;
        for (int k = 0; k < inputs; k++) {
          exact += (double) x[row * inputs + k] * w[output * inputs + k];
        }
        squares += Math.pow(y[row * outputs + output] - exact, 2);
      }
      // The sum of 1,024 products with weights of 0.58 on average, whose factors were rounded in
      // steps of 4/127 without outliers, and of 1023/127/128 (what 8 bits more reach) with them.
      double step = row == 0 ? 4 / 127.0 : 1023 / 127.0 / 128 + 4 / 127.0;
      double expected = step / Math.sqrt(12) * 0.58 * Math.sqrt(inputs);
      assertEquals(expected, Math.sqrt(squares / outputs), 0.5 * expected, "row " + row);
    }
  }

  /** silu(gate) up, as Qwen's feed-forward layer has it: Transformers' Qwen3MLP. */
  @ParameterizedTest
  @CsvSource({"1, 32, 20", "7, 96, 64", "200, 64, 36"})
  void aGateIsAppliedToTheProductOfNormalizedRows(int rows, int outputs, int inputs) {
    Random random = new Random(6);
    float[] x = normal(random, rows * inputs, 3);
    float[] norm = normal(random, inputs, 1);
    float[] gate = normal(random, outputs * inputs, 0.2);
    float[] up = normal(random, outputs * inputs, 0.2);
    float[] y;
    try (TorchModule.Scope scope = module.scope()) {
      y =
          scope
              .call(
                  "gated",
                  scope.floats(x),
                  scope.floats(norm),
                  scope.floats(gate),
                  scope.floats(up),
                  rows,
                  outputs,
                  inputs)
              .toFloatArray();
    }
    assertEquals(rows * outputs, y.length);
    for (int row = 0; row < rows; row += 3) {
      double squares = 0;
      for (int k = 0; k < inputs; k++) {
        squares += Math.pow(x[row * inputs + k], 2);
      }
      float[] normed = new float[inputs];
      for (int k = 0; k < inputs; k++) {
        normed[k] = (float) (x[row * inputs + k] / Math.sqrt(squares / inputs + 1e-5) * norm[k]);
      }
      for (int output = 0; output < outputs; output++) {
        double g = product(normed, gate, output, inputs);
        double expected = g / (1 + Math.exp(-g)) * product(normed, up, output, inputs);
        // Rounding to 8 bits may fall to the other side where a number lies half-way.
        double tolerance = 0.02 * (1 + Math.abs(expected));
        assertEquals(expected, y[row * outputs + output], tolerance, row + ", " + output);
      }
    }
  }

  /** Of x and a row of w, both rounded to 8 bits. */
  private static double product(float[] x, float[] w, int row, int inputs) {
    double step = step(x, 0, inputs);
    double weightStep = largest(w, row * inputs, inputs) / 127.0;
    int[] a = rounded(x, 0, inputs, step);
    int[] b = rounded(w, row * inputs, inputs, weightStep);
    long sum = 0;
    for (int k = 0; k < inputs; k++) {
      sum += (long) a[k] * b[k];
    }
    return sum * step * weightStep;
  }

  @ParameterizedTest
  @CsvSource({"1, 70, 20", "3, 64, 4", "6, 1, 64", "13, 130, 2052", "200, 65, 36"})
  void aProductIsTheSumOfItsRoundedFactors(int rows, int outputs, int inputs) {
    Random random = new Random(5);
    float[] x = normal(random, rows * inputs, 3);
    float[] w = normal(random, outputs * inputs, 0.02);
    float[] y;
    try (TorchModule.Scope scope = module.scope()) {
      y =
          scope
              .call("linear", scope.floats(x), scope.floats(w), rows, outputs, inputs)
              .toFloatArray();
    }
    for (int m = 0; m < rows; m++) {
      double step = step(x, m * inputs, inputs);
      int[] left = rounded(x, m * inputs, inputs, step);
      for (int n = 0; n < outputs; n++) {
        double weightStep = largest(w, n * inputs, inputs) / 127.0;
        int[] right = rounded(w, n * inputs, inputs, weightStep);
        long sum = IntStream.range(0, inputs).mapToLong(i -> (long) left[i] * right[i]).sum();
        double scale = step * weightStep;
        double expected = sum * scale;
        // One unit of a rounded factor may fall to the other side of a half.
        assertEquals(expected, y[m * outputs + n], 1e-5 * Math.abs(expected) + 130 * scale);
      }
    }
  }

  @Test
  void aRowDoesNotDependOnItsNeighbours() {
    int inputs = 516;
    int outputs = 200;
    Random random = new Random(6);
    float[] w = normal(random, outputs * inputs, 0.02);
    float[] x = normal(random, 400 * inputs, 1);
    try (TorchModule.Scope scope = module.scope()) {
      float[] all =
          scope
              .call("linear", scope.floats(x), scope.floats(w), 400, outputs, inputs)
              .toFloatArray();
      for (int row : new int[] {0, 1, 191, 192, 399}) {
        float[] one = Arrays.copyOfRange(x, row * inputs, (row + 1) * inputs);
        float[] alone =
            scope
                .call("linear", scope.floats(one), scope.floats(w), 1, outputs, inputs)
                .toFloatArray();
        assertArrayEquals(Arrays.copyOfRange(all, row * outputs, (row + 1) * outputs), alone);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 64, 1000, 1003})
  void theShortlistIsThatOfAStableSort(int vocabulary) {
    int rows = 3;
    int k = Math.min(64, vocabulary);
    Random random = new Random(7);
    float[] scores = new float[rows * vocabulary];
    for (int i = 0; i < scores.length; i++) {
      // Few different values, so that many are equal.
      scores[i] = random.nextInt(40) / 4f - 5;
    }
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray[] result = scope.callForList("shortlist", scope.floats(scores), rows, k);
      float[] values = result[0].toFloatArray();
      long[] ids = result[1].toLongArray();
      float[] logSumExp = result[2].toFloatArray();
      for (int r = 0; r < rows; r++) {
        int first = r * vocabulary;
        int[] sorted =
            IntStream.range(0, vocabulary)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[first + b], scores[first + a]))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
        double sum = 0;
        for (int i = 0; i < vocabulary; i++) {
          sum += Math.exp(scores[first + i]);
        }
        assertEquals(Math.log(sum), logSumExp[r], 1e-5);
        for (int i = 0; i < k; i++) {
          assertEquals(sorted[i], ids[r * k + i], "row " + r + ", place " + i);
          assertEquals(scores[first + sorted[i]], values[r * k + i]);
        }
      }
    }
  }

  @Test
  void whatIsNotANumberStaysNoNumber() {
    float[] x = new float[2 * 32];
    Arrays.fill(x, 1);
    x[5] = Float.NaN;
    float[] w = normal(new Random(8), 64 * 32, 1);
    try (TorchModule.Scope scope = module.scope()) {
      float[] y = scope.call("linear", scope.floats(x), scope.floats(w), 2, 64, 32).toFloatArray();
      assertEquals(Float.NaN, y[0]);
      assertEquals(false, Float.isNaN(y[64]));
      PtNDArray[] best = scope.callForList("shortlist", scope.floats(0, Float.NaN, 1), 1, 1);
      assertEquals(Float.NaN, best[0].toFloatArray()[0]);
    }
  }

  @Test
  void wrongArgumentsAreErrorsAndNoCrashes() {
    // A run that reaches beyond the cache, one that begins within a group, a head of the wrong
    // size.
    Cache full = Cache.of(KvCacheDtype.FLOAT32, new float[16 * 16], new float[16 * 16]);
    long[] one = {1, 1, 16};
    assertThrows(TorchException.class, () -> attend(new float[16], full, one, 0, 1, 0, 17));
    assertThrows(TorchException.class, () -> attend(new float[16], full, one, 0, 1, 8, 1));
    Cache narrow = Cache.of(KvCacheDtype.FLOAT32, new float[16 * 8], new float[16 * 8]);
    assertThrows(
        TorchException.class, () -> attend(new float[8], narrow, new long[] {1, 1, 8}, 0, 1, 0, 1));
    float[] infinite = new float[64 * 4];
    infinite[7] = Float.POSITIVE_INFINITY;
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray x = scope.floats(1, 1, 1, 1);
      PtNDArray w = scope.floats(infinite);
      assertThrows(TorchException.class, () -> scope.call("linear", x, w, 1, 64, 4));
    }
  }

  /**
   * Keys and values as they are given to a cache.
   *
   * @param dtype number of its type in libtorch
   * @param together numbers that lie together in 32 bits
   * @param scale that all numbers are to be multiplied with
   * @param tolerance of results on numbers of about 1: what rounding queries and weights costs
   */
  private record Cache(
      float[] keys, float[] values, int dtype, int together, float scale, double tolerance) {
    static Cache of(KvCacheDtype dtype, float[] keys, float[] values) {
      return switch (dtype) {
        // Not exactly representable: the operator is given what the test rounds.
        case BFLOAT16 -> new Cache(bfloat16(keys), bfloat16(values), 15, 2, 1, 0.02);
        case INT8 -> new Cache(codes(keys), codes(values), 1, 4, 1 / 32f, 3e-4);
        default -> new Cache(keys, values, 6, 1, 1, 2e-6);
      };
    }

    float[] meant(float[] held) {
      float[] meant = new float[held.length];
      for (int i = 0; i < held.length; i++) {
        meant[i] = held[i] * scale;
      }
      return meant;
    }

    private static float[] bfloat16(float[] numbers) {
      float[] rounded = new float[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        rounded[i] = Float.intBitsToFloat(Float.floatToIntBits(numbers[i]) & 0xFFFF0000);
      }
      return rounded;
    }

    private static float[] codes(float[] numbers) {
      float[] rounded = new float[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        rounded[i] = (float) Math.max(-127, Math.min(127, Math.rint(32 * numbers[i])));
      }
      return rounded;
    }
  }

  private static float[] attend(float[] q, Cache cache, long[] shape, long... spans) {
    long[] heads = {shape[0], shape[1], shape[2], cache.dtype(), cache.together()};
    float[] scales = new float[cache.dtype() == 1 ? cache.keys().length / (int) shape[2] : 0];
    Arrays.fill(scales, cache.scale());
    try (TorchModule.Scope scope = module.scope()) {
      return scope
          .call(
              "attend",
              scope.floats(q),
              scope.floats(cache.keys()),
              scope.floats(cache.values()),
              scope.floats(scales),
              heads,
              spans)
          .toFloatArray();
    }
  }

  /** softmax(q k / sqrt(D)) v over the tokens up to and including one. */
  private static double[] attention(
      float[] q, int at, float[] k, float[] v, int head, int capacity, int start, int row, int D) {
    double[] weights = new double[row + 1];
    double total = 0;
    for (int t = 0; t <= row; t++) {
      double dot = 0;
      for (int d = 0; d < D; d++) {
        dot += (double) q[at + d] * k[(head * capacity + start + t) * D + d];
      }
      weights[t] = Math.exp(dot / Math.sqrt(D));
      total += weights[t];
    }
    double[] out = new double[D];
    for (int t = 0; t <= row; t++) {
      for (int d = 0; d < D; d++) {
        out[d] += weights[t] / total * v[(head * capacity + start + t) * D + d];
      }
    }
    return out;
  }

  /** Numbers of one sequence; around it, a cache that was never written to. */
  private static float[] sequence(
      Random random, int heads, int capacity, int start, int length, int dimension) {
    float[] numbers = normal(random, heads * capacity * dimension, 1);
    for (int i = 0; i < numbers.length; i++) {
      int slot = i / dimension % capacity;
      if (slot < start || slot >= start + length) {
        numbers[i] = Float.NaN;
      }
    }
    return numbers;
  }

  /** Of a row of activations: 127 of it are the largest number in a group of 4 without outlier. */
  private static double step(float[] values, int from, int n) {
    double squares = 0;
    for (int i = from; i < from + n; i++) {
      squares += (double) values[i] * values[i];
    }
    double limit = 4 * Math.sqrt(squares / n);
    double below = 0;
    for (int i = from; i < from + n; i += 4) {
      float group = largest(values, i, 4);
      below = group > limit ? below : Math.max(below, group);
    }
    return Math.max(below, largest(values, from, n) / 128.0) / 127.0;
  }

  private static int[] rounded(float[] values, int from, int n, double scale) {
    return IntStream.range(from, from + n).map(i -> (int) Math.rint(values[i] / scale)).toArray();
  }

  private static float largest(float[] values, int from, int n) {
    float largest = 0;
    for (int i = from; i < from + n; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest;
  }

  private static float[] normal(Random random, int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }
}
