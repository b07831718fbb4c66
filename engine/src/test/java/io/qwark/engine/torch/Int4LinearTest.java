package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with 4-bit weights against the same quantization written out in double. */
class Int4LinearTest {
  private static final int GROUP = 32;

  private static final String PRODUCT =
      """
        def test_product(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return self.linear(x, 0)
      """;

  @TempDir Path folder;

  /** Two parts, of which the first ends amid a block of packed rows, and more than one slice. */
  @ParameterizedTest
  @CsvSource({"1, 64, 16, 48", "3, 32, 208, 96", "37, 160, 80, 256"})
  void productsAreThoseOfTheDequantizedWeights(int rows, int inputs, int first, int second)
      throws IOException {
    Random random = new Random(rows);
    float[][] top = matrix(random, first, inputs);
    float[][] bottom = matrix(random, second, inputs);
    float[][] x = matrix(random, rows, inputs);
    // A group of zeros, and one of large numbers that are all alike.
    for (int i = 0; i < GROUP; i++) {
      top[1][i] = 0;
      bottom[2][i] = 100 + i / 100f;
    }
    float[] actual = product(x, top, bottom);
    int outputs = first + second;
    for (int r = 0; r < rows; r++) {
      for (int m = 0; m < outputs; m++) {
        double[] weights = Rounding.int4(m < first ? top[m] : bottom[m - first]);
        double sum = 0;
        double size = 0;
        for (int k = 0; k < inputs; k++) {
          double term = weights[k] * Rounding.bfloat16(x[r][k]);
          sum += term;
          size += Math.abs(term);
        }
        // Half of the last of bfloat16's 8 bits, and float32's sum.
        assertEquals(
            sum, actual[r * outputs + m], 0x1p-8 * Math.abs(sum) + 1e-5 * size, r + ", " + m);
      }
    }
  }

  /** No weight is further from its own than half a step of its group and the rounding of both. */
  @Test
  void weightsAreRoundedToTheNearestOfSixteen() {
    Random random = new Random(5);
    for (float[] row : matrix(random, 50, 64)) {
      double[] held = Rounding.int4(row);
      for (int k = 0; k < row.length; k++) {
        double least = row[k / GROUP * GROUP];
        double most = least;
        for (int i = k / GROUP * GROUP; i < k / GROUP * GROUP + GROUP; i++) {
          least = Math.min(least, row[i]);
          most = Math.max(most, row[i]);
        }
        assertEquals(row[k], held[k], 0.56 * (most - least) / 15);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "72, 64, 2, 1, 16, hidden_size is 72",
    "64, 100, 2, 1, 16, intermediate_size is 100",
    "64, 64, 3, 1, 16, num_attention_heads times head_dim is 48",
    "64, 64, 16, 1, 6, 18 heads of 6"
  })
  void shapesThatDoNotFitAreRefused(
      int hidden, int inner, int heads, int keyHeads, int headDim, String expected)
      throws IOException {
    ModelConfig config = config(hidden, inner, heads, keyHeads, headDim);
    UserException e = assertThrows(UserException.class, () -> backend(config, Kernels.AUTO));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void nativeKernelsServeItWhereTheyAre() throws IOException {
    assumeTrue(NativeKernels.unavailable() == null, NativeKernels.unavailable());
    ModelConfig config = config(64, 64, 2, 1, 16);
    assertEquals(
        new Backend(Quantization.INT4, Kernels.NATIVE, KvCacheDtype.BFLOAT16),
        backend(config, Kernels.AUTO));
  }

  private static Backend backend(ModelConfig config, Kernels kernels) {
    return Backend.choose(Quantization.INT4, kernels, KvCacheDtype.AUTO, config);
  }

  private float[] product(float[][] x, float[][]... parts) throws IOException {
    ModelConfig config = config(64, 64, 2, 1, 16);
    try (TorchModule module =
            TorchModule.load(
                CausalLmProgram.CLASS,
                CausalLmProgram.source(backend(config, Kernels.STOCK)) + PRODUCT,
                CausalLmProgram.attributes(config),
                1);
        TorchModule.Scope scope = module.scope()) {
      List<PtNDArray> weights = List.of(bytes(scope, parts[0]), bytes(scope, parts[1]));
      long float32 = Checkpoint.FLOAT32;
      scope.callForLong("add_linear", weights, new long[] {float32, float32}, 127.);
      PtNDArray flat = scope.floats(flat(x));
      PtNDArray input = (PtNDArray) flat.reshape(x.length, x[0].length);
      return scope.call("test_product", input).toFloatArray();
    }
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

  private ModelConfig config(int hidden, int inner, int heads, int keyHeads, int headDim)
      throws IOException {
    return TestConfigs.qwen3(folder, hidden, inner, heads, keyHeads, headDim);
  }
}
