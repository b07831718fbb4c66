package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products of the programs for GPUs, on the CPU, against the same rounding of weights and
 * activations written out in double.
 */
class CudaLinearTest {

  /** To a residual stream of ones. */
  private static final String PRODUCTS =
      """
        def test_products(self: __torch__.Decoder, x: Tensor, bias: Tensor) -> List[Tensor]:
          x = torch.to(x, 15)
          one = torch.ones([torch.size(x, 0), torch.size(bias, 0)], dtype=15)
          plain = torch.to(self.linear(x, 0), 6)
          biased = torch.to(self.linear_bias(x, 0, torch.to(bias, 15)), 6)
          return [plain, biased, torch.to(self.add_product(one, x, 0), 6)]
      """;

  @TempDir Path folder;

  /** Fewer rows than the operator for int8 takes, and more; two parts and more than one slice. */
  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, 3, 64, 16, 48",
    "INT8, 1, 64, 16, 48",
    "INT8, 16, 96, 1040, 32",
    "INT8, 17, 96, 1040, 32",
    "INT8, 40, 32, 64, 64",
    "FP8, 1, 64, 16, 48",
    "FP8, 37, 96, 1040, 32",
    "INT4, 1, 64, 16, 48",
    "INT4, 37, 96, 1040, 32"
  })
  void productsAreThoseOfRoundedWeightsAndActivations(
      Quantization quantization, int rows, int inputs, int first, int second) throws IOException {
    Random random = new Random(rows);
    float[][] top = matrix(random, first, inputs);
    float[][] bottom = matrix(random, second, inputs);
    float[][] x = matrix(random, rows, inputs);
    float[] bias = matrix(random, 1, first + second)[0];
    // A row of zeros, and one that is far larger than its neighbours.
    top[1] = new float[inputs];
    for (int k = 0; k < inputs; k++) {
      x[0][k] *= 1000;
    }
    ModelConfig config = TestConfigs.qwen3(folder, 64, 64, 2, 1, 16);
    Backend backend = CudaPrograms.backend(config, quantization);
    try (TorchModule module = CudaPrograms.module(config, backend, PRODUCTS);
        TorchModule.Scope scope = module.scope()) {
      long float32 = Checkpoint.FLOAT32;
      scope.callForLong(
          "add_linear",
          List.of(bytes(scope, top), bytes(scope, bottom)),
          new long[] {float32, float32});
      PtNDArray input = (PtNDArray) scope.floats(flat(x)).reshape(rows, inputs);
      PtNDArray[] products = scope.callForList("test_products", input, scope.floats(bias));
      float[] plain = products[0].toFloatArray();
      float[] withBias = products[1].toFloatArray();
      float[] withOnes = products[2].toFloatArray();
      for (int r = 0; r < rows; r++) {
        double[] activations = activations(quantization, x[r]);
        for (int m = 0; m < bias.length; m++) {
          float[] row = m < first ? top[m] : bottom[m - first];
          double sum = 0;
          double size = 0;
          double[] weights = weights(quantization, row);
          for (int k = 0; k < inputs; k++) {
            double term = weights[k] * activations[k];
            sum += term;
            size += Math.abs(term);
          }
          int at = r * bias.length + m;
          // Half of the last of bfloat16's 8 bits, of the product and of the sum; float32's sum.
          double rounding = 0x1p-8 * Math.abs(sum) + 2e-5 * size;
          String where = r + ", " + m;
          assertEquals(sum, plain[at], rounding, where);
          double biased = sum + Rounding.bfloat16(bias[m]);
          assertEquals(
              biased,
              withBias[at],
              rounding + 0x1p-8 * (Math.abs(biased) + Math.abs(bias[m])),
              where);
          assertEquals(sum + 1, withOnes[at], rounding + 0x1p-8 * (Math.abs(sum + 1) + 1), where);
        }
      }
    }
  }

  /** What a token's activations are multiplied as. */
  private static double[] activations(Quantization quantization, float[] x) {
    float[] held = new float[x.length];
    for (int k = 0; k < x.length; k++) {
      held[k] = Rounding.bfloat16(x[k]);
    }
    return switch (quantization) {
      case INT8 -> int8(held);
      case FP8 -> fp8(held);
      default -> doubles(held);
    };
  }

  private static double[] weights(Quantization quantization, float[] row) {
    return switch (quantization) {
      case INT8 -> int8(row);
      case FP8 -> fp8(row);
      case INT4 -> Rounding.int4(row);
      default -> {
        float[] held = new float[row.length];
        for (int k = 0; k < row.length; k++) {
          held[k] = Rounding.bfloat16(row[k]);
        }
        yield doubles(held);
      }
    };
  }

  private static double[] doubles(float[] row) {
    double[] doubles = new double[row.length];
    for (int k = 0; k < row.length; k++) {
      doubles[k] = row[k];
    }
    return doubles;
  }

  private static float largest(float[] row) {
    float most = 0;
    for (float number : row) {
      most = Math.max(most, Math.abs(number));
    }
    return most;
  }

  private static double[] int8(float[] row) {
    float scale = Math.max(largest(row) / 127f, 1e-12f);
    double[] held = new double[row.length];
    for (int k = 0; k < row.length; k++) {
      held[k] = Math.rint(row[k] / scale) * (double) scale;
    }
    return held;
  }

  /** Three bits behind the first one of normal numbers, from 2^-6 on; steps of 2^-9 below. */
  private static double[] fp8(float[] row) {
    float scale = Math.max(largest(row) / 448f, 1e-12f);
    double[] held = new double[row.length];
    for (int k = 0; k < row.length; k++) {
      float number = row[k] / scale;
      double step = Math.scalb(1.0, Math.max(-6, Math.getExponent(number)) - 3);
      held[k] = Math.rint(number / step) * step * scale;
    }
    return held;
  }

  private static PtNDArray bytes(TorchModule.Scope scope, float[][] matrix) {
    float[] flat = flat(matrix);
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Float.BYTES * flat.length).order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(flat);
    return scope.passingBytes(buffer, matrix.length, (long) Float.BYTES * matrix[0].length);
  }

  private static float[] flat(float[][] matrix) {
    float[] flat = new float[matrix.length * matrix[0].length];
    for (int r = 0; r < matrix.length; r++) {
      System.arraycopy(matrix[r], 0, flat, r * matrix[0].length, matrix[0].length);
    }
    return flat;
  }

  private static float[][] matrix(Random random, int rows, int columns) {
    float[][] matrix = new float[rows][columns];
    for (float[] row : matrix) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return matrix;
  }
}
