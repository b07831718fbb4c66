package io.qwark.engine.torch;

import static io.qwark.engine.torch.KernelProbe.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with weights of 4 bits against those of 8 bits, which have tests of their own. */
class Int4KernelTest extends KernelTest {
  /**
   * A group of 32 that is a whole step, 1 to 17, times 0 to 15, and a base, in units of 1/127 of
   * the row.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 70, 32",
    "4, 64, 96",
    "5, 64, 64",
    "7, 64, 608",
    "8, 130, 1024",
    "9, 130, 2080",
    "12, 70, 1056",
    "200, 65, 544"
  })
  void weightsThatFourBitsHoldGiveWhatEightBitsGive(int rows, int outputs, int inputs) {
    Random random = new Random(5);
    float[] x = normal(random, rows * inputs, 3);
    for (int outlier = 0; outlier < x.length; outlier += 77) {
      x[outlier] *= 20;
    }
    float[] w = new float[outputs * inputs];
    for (int group = 0; group < w.length; group += 32) {
      int step = 1 + random.nextInt(16);
      int base = -127 + random.nextInt(255 - 15 * step);
      for (int i = 0; i < 32; i++) {
        w[group + i] = base + step * (i < 16 ? i : random.nextInt(16));
      }
      if (group % inputs == 0) {
        // Sets the row's scale to 1: from -120 to 127 in steps of 13 and more.
        for (int i = 0; i < 32; i++) {
          w[group + i] = 127 - 13 * (i % 16);
        }
      }
    }
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray left = scope.floats(x);
      PtNDArray right = scope.floats(w);
      float[] four = scope.call("linear4", left, right, rows, outputs, inputs).toFloatArray();
      float[] eight = scope.call("linear", left, right, rows, outputs, inputs).toFloatArray();
      assertArrayEquals(eight, four);
    }
  }

  @Test
  void aGateIsAppliedAsWithEightBits() {
    Random random = new Random(6);
    float[] weights = new float[2 * 96 * 64];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (127 - 13 * ((i + i / 64) % 16)) / 1000f;
    }
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray x = scope.floats(normal(random, 7 * 64, 3));
      PtNDArray norm = scope.floats(normal(random, 64, 1));
      PtNDArray gate = scope.floats(Arrays.copyOf(weights, 96 * 64));
      PtNDArray up = scope.floats(Arrays.copyOfRange(weights, 96 * 64, weights.length));
      float[] eight = scope.call("gated", x, norm, gate, up, 7, 96, 64).toFloatArray();
      float[] four = scope.call("gated4", x, norm, gate, up, 7, 96, 64).toFloatArray();
      assertArrayEquals(eight, four);
    }
  }

  /**
   * Sixteen levels from the smallest to the largest of 32 normal numbers (4.1 deviations) would
   * lose 0.079 deviations; rounding to whole steps of the row costs some of it, and looking for the
   * best step wins some.
   */
  @Test
  void roundingLosesLittle() {
    int outputs = 64;
    int inputs = 1024;
    float[] w = normal(new Random(7), outputs * inputs, 0.02);
    float[] unit = new float[inputs * inputs];
    for (int i = 0; i < inputs; i++) {
      unit[i * inputs + i] = 1;
    }
    float[] y;
    try (TorchModule.Scope scope = module.scope()) {
      y =
          scope
              .call("linear4", scope.floats(unit), scope.floats(w), inputs, outputs, inputs)
              .toFloatArray();
    }
    double squares = 0;
    for (int output = 0; output < outputs; output++) {
      for (int k = 0; k < inputs; k++) {
        squares += Math.pow(y[k * outputs + output] - w[output * inputs + k], 2);
      }
    }
    double lost = Math.sqrt(squares / y.length) / 0.02;
    assertTrue(lost < 0.079, "lost " + lost);
    assertTrue(lost > 0.05, "lost " + lost);
  }

  @Test
  void aRowDoesNotDependOnItsNeighbours() {
    int inputs = 544;
    int outputs = 200;
    Random random = new Random(6);
    float[] w = normal(random, outputs * inputs, 0.02);
    float[] x = normal(random, 400 * inputs, 1);
    x[3] = 100;
    x[191 * inputs + 5] = 100;
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray weights = scope.floats(w);
      float[] all =
          scope.call("linear4", scope.floats(x), weights, 400, outputs, inputs).toFloatArray();
      for (int row : new int[] {0, 1, 188, 191, 192, 392}) {
        for (int count : new int[] {1, 3, 8}) {
          float[] some = Arrays.copyOfRange(x, row * inputs, (row + count) * inputs);
          assertArrayEquals(
              Arrays.copyOfRange(all, row * outputs, (row + count) * outputs),
              scope
                  .call("linear4", scope.floats(some), weights, count, outputs, inputs)
                  .toFloatArray());
        }
      }
    }
  }
}
