package io.qwark.engine.torch;

import static io.qwark.engine.torch.KernelProbe.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.KvCacheDtype;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Attention of src/main/cpp against its formula, computed here in double precision. */
class AttentionKernelTest extends KernelTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 16", "2, 1, 32", "4, 2, 128", "8, 2, 64", "5, 1, 48"})
  void attentionIsTheFormulaHoweverItsSequenceIsCut(int heads, int keyHeads, int dimension) {
    for (KvCacheDtype dtype :
        List.of(KvCacheDtype.FLOAT32, KvCacheDtype.BFLOAT16, KvCacheDtype.INT8)) {
      attention(heads, keyHeads, dimension, dtype);
    }
  }

  private static void attention(int heads, int keyHeads, int dimension, KvCacheDtype dtype) {
    int length = 523;
    int start = 16;
    int capacity = 544;
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
    float[] whole = attend(q, cache, shape, 0, length, start, length, 0, 0);

    int width = heads * dimension;
    for (int row :
        new int[] {0, 1, 2, 17, 62, 63, 64, 127, 128, 202, 255, 256, 257, 320, 511, 512, 522}) {
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
              row + 1,
              0,
              0);
      assertArrayEquals(Arrays.copyOfRange(whole, row * width, (row + 1) * width), alone);
    }
    List<Long> spans = new ArrayList<>();
    for (int row = 0, n; row < length; row += n) {
      n = Math.min(length - row, 1 + random.nextInt(70));
      spans.addAll(List.of((long) row, (long) n, (long) start, (long) row + n, 0L, 0L));
    }
    assertArrayEquals(
        whole, attend(q, cache, shape, spans.stream().mapToLong(Long::longValue).toArray()));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void theFirstTokensOfASequenceMayLieWhereOthersHaveThem(KvCacheDtype dtype) {
    long[] shape = {4, 2, 32};
    int capacity = 1024;
    int length = 459;
    Random random = new Random(5);
    float[] q = normal(random, length * 4 * 32, 2);
    float[] keys = sequence(random, 2, capacity, 0, length, 32);
    float[] values = sequence(random, 2, capacity, 0, length, 32);
    float[] whole = attend(q, Cache.of(dtype, keys, values), shape, 0, length, 0, length, 0, 0);
    for (int shared : new int[] {64, 128, 192, 256, 320}) {
      // The others in front of them, so near the cache's beginning that all would not fit there.
      Cache apart =
          Cache.of(
              dtype,
              apart(keys, capacity, 32, shared, 560, 32),
              apart(values, capacity, 32, shared, 560, 32));
      long start = 32L - shared;
      List<Long> spans = new ArrayList<>();
      for (int row = shared, n; row < length; row += n) {
        n = Math.min(length - row, 1 + random.nextInt(40));
        spans.addAll(
            List.of((long) row - shared, (long) n, start, (long) row + n, 560L, (long) shared));
      }
      float[] rows = Arrays.copyOfRange(q, shared * 4 * 32, q.length);
      assertArrayEquals(
          Arrays.copyOfRange(whole, shared * 4 * 32, whole.length),
          attend(rows, apart, shape, spans.stream().mapToLong(Long::longValue).toArray()),
          shared + " shared");
    }
  }

  /** The same tokens, the first of them from one slot on and the others from another one on. */
  private static float[] apart(
      float[] numbers, int capacity, int dimension, int shared, int sharedStart, int start) {
    float[] apart = new float[numbers.length];
    Arrays.fill(apart, Float.NaN);
    for (int head = 0; head < numbers.length; head += capacity * dimension) {
      System.arraycopy(numbers, head, apart, head + sharedStart * dimension, shared * dimension);
      System.arraycopy(
          numbers,
          head + shared * dimension,
          apart,
          head + start * dimension,
          (sharedStart - start) * dimension);
    }
    return apart;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0, 17, 0, 0",
    "0, 2, 0, 1, 0, 0",
    "0, 1, 8, 1, 0, 0",
    "0, 1, -16, 1, 0, 0",
    "0, 1, 0, 65, 0, 48",
    "0, 1, 0, 65, 8, 64",
    "0, 1, 0, 65, -16, 64",
    "0, 1, 0, 65, 80, 64",
    "0, 1, -80, 65, 0, 64",
    "0, 1, 0, 64, 0, 64",
    "0, 1, 0, 65, 0, -64"
  })
  void runsOutsideOfTheCacheAreErrorsAndNoCrashes(
      long row, long rows, long start, long length, long sharedStart, long shared) {
    int slots = shared == 0 ? 16 : 128;
    Cache cache = Cache.of(KvCacheDtype.FLOAT32, new float[slots * 16], new float[slots * 16]);
    long[] one = {1, 1, 16};
    assertThrows(
        TorchException.class,
        () -> attend(new float[16], cache, one, row, rows, start, length, sharedStart, shared));
  }

  @Test
  void headsOfAWrongSizeAreErrors() {
    Cache narrow = Cache.of(KvCacheDtype.FLOAT32, new float[16 * 8], new float[16 * 8]);
    assertThrows(
        TorchException.class,
        () -> attend(new float[8], narrow, new long[] {1, 1, 8}, 0, 1, 0, 1, 0, 0));
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
}
