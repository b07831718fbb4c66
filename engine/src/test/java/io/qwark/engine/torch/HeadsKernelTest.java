package io.qwark.engine.torch;

import static io.qwark.engine.torch.KernelProbe.normal;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of the product of queries, keys and values: bias, norm and rotation of heads as
 * Transformers' Qwen3Attention has them, computed here in double precision from the same product.
 */
class HeadsKernelTest extends KernelTest {
  private static final int INPUTS = 64;
  private static final int POSITIONS = 512;

  private static final int SLOTS = 512;

  /** Slots before the first that is used. */
  private static final int UNUSED = 16;

  @ParameterizedTest
  @CsvSource({
    "1, 2, 1, 16, true",
    "1, 4, 2, 128, true",
    "7, 3, 1, 48, true",
    "40, 2, 2, 80, false",
    "200, 4, 1, 64, true",
    "400, 2, 1, 112, true",
    "33, 1, 1, 256, false"
  })
  void headsAreNormalizedAndTurnedByTheirPosition(
      int tokens, int heads, int keyHeads, int dimension, boolean normed) {
    int width = (heads + 2 * keyHeads) * dimension;
    Random random = new Random(tokens);
    float[] bias = normal(random, width, 0.5);
    float[] norm = normal(random, normed ? (heads + keyHeads) * dimension : 0, 1);
    long[] positions = random.longs(tokens, 0, POSITIONS).toArray();
    float[] cos = angles(dimension, Math::cos);
    float[] sin = angles(dimension, Math::sin);
    float[] negated = sin.clone();
    for (int i = 0; i < sin.length; i++) {
      negated[i] = i % dimension < dimension / 2 ? -sin[i] : sin[i];
    }
    float[][] found = new float[4][];
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray[] tensors =
          scope.callForList(
              "turned",
              scope.floats(normal(random, tokens * INPUTS, 1)),
              scope.floats(normal(random, width * INPUTS, 0.2)),
              scope.floats(bias),
              scope.floats(norm),
              scope.floats(cos),
              scope.floats(negated),
              scope.longs(positions),
              keyHeads,
              dimension);
      for (int i = 0; i < found.length; i++) {
        found[i] = tensors[i].toFloatArray();
      }
    }
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < heads + 2 * keyHeads; head++) {
        double[] expected = new double[dimension];
        for (int d = 0; d < dimension; d++) {
          int column = head * dimension + d;
          expected[d] = found[0][token * width + column] + bias[column];
        }
        if (head < heads + keyHeads) {
          if (normed) {
            normalize(expected, norm, head * dimension);
          }
          expected = turned(expected, cos, sin, (int) positions[token] * dimension);
        }
        int slot = UNUSED + token;
        int kept = (head < heads + keyHeads ? head - heads : head - heads - keyHeads);
        int from =
            head < heads ? (token * heads + head) * dimension : (kept * SLOTS + slot) * dimension;
        float[] actual = found[head < heads ? 1 : head < heads + keyHeads ? 2 : 3];
        for (int d = 0; d < dimension; d++) {
          double tolerance = 1e-5 * (1 + Math.abs(expected[d]));
          assertEquals(expected[d], actual[from + d], tolerance, token + ", " + head + ", " + d);
        }
      }
    }
  }

  private static void normalize(double[] x, float[] norm, int from) {
    double squares = 0;
    for (double v : x) {
      squares += v * v;
    }
    double size = Math.sqrt(squares / x.length + 1e-5);
    for (int d = 0; d < x.length; d++) {
      x[d] = x[d] / size * norm[from + d];
    }
  }

  /** x cos + rotate_half(x) sin. */
  private static double[] turned(double[] x, float[] cos, float[] sin, int at) {
    int half = x.length / 2;
    double[] y = new double[x.length];
    for (int d = 0; d < x.length; d++) {
      double other = d < half ? -x[d + half] : x[d - half];
      y[d] = x[d] * cos[at + d] + other * sin[at + d];
    }
    return y;
  }

  /** Of all positions, the same for both halves of a head. */
  private static float[] angles(int dimension, DoubleUnaryOperator of) {
    int half = dimension / 2;
    return toFloats(
        LongStream.range(0, (long) POSITIONS * dimension)
            .mapToDouble(
                i -> {
                  double frequency = Math.pow(10_000, -(double) (i % dimension % half) / half);
                  return of.applyAsDouble(i / dimension * frequency);
                })
            .toArray());
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
