package io.qwark.engine.torch;

import static io.qwark.engine.torch.KernelProbe.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of src/main/cpp against their formulas, computed here in double precision. */
class LinearKernelTest extends KernelTest {
  /** Groups of four numbers of a row that may have more than 8 bits. */
  private static final int MOST_OUTLIERS = 32;

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
    checkProduct(normal(random, rows * inputs, 3), random, rows, outputs, inputs);
  }

  /** A third of these rows has more than 32 groups with outliers, of which the largest are kept. */
  @Test
  void ofTooManyOutliersTheLargestKeepTheirPrecision() {
    int rows = 12;
    int inputs = 4100;
    Random random = new Random(9);
    float[] x = normal(random, rows * inputs, 3);
    for (int row = 0; row < rows; row += 3) {
      for (int i = row * inputs; i < (row + 1) * inputs; i++) {
        x[i] = (float) Math.pow(x[i], 3);
      }
    }
    assertTrue(outlierGroups(x, 0, inputs, limit(x, 0, inputs)) > MOST_OUTLIERS);
    checkProduct(x, random, rows, 70, inputs);
  }

  private static void checkProduct(float[] x, Random random, int rows, int outputs, int inputs) {
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
    }
  }

  @Test
  void aWeightThatIsInfiniteIsAnError() {
    float[] infinite = new float[64 * 4];
    infinite[7] = Float.POSITIVE_INFINITY;
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray x = scope.floats(1, 1, 1, 1);
      PtNDArray w = scope.floats(infinite);
      assertThrows(TorchException.class, () -> scope.call("linear", x, w, 1, 64, 4));
    }
  }

  /** Of a row of activations: 127 of it are the largest number in a group of 4 without outlier. */
  private static double step(float[] values, int from, int n) {
    double limit = limit(values, from, n);
    while (outlierGroups(values, from, n, limit) > MOST_OUTLIERS) {
      limit *= 1.25;
    }
    double below = 0;
    for (int i = from; i < from + n; i += 4) {
      float group = largest(values, i, 4);
      below = group > limit ? below : Math.max(below, group);
    }
    return Math.max(below, largest(values, from, n) / 128.0) / 127.0;
  }

  /** Four times the root mean square. */
  private static double limit(float[] values, int from, int n) {
    double squares = 0;
    for (int i = from; i < from + n; i++) {
      squares += (double) values[i] * values[i];
    }
    return 4 * Math.sqrt(squares / n);
  }

  private static long outlierGroups(float[] values, int from, int n, double limit) {
    return IntStream.range(0, n / 4).filter(g -> largest(values, from + 4 * g, 4) > limit).count();
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
}
