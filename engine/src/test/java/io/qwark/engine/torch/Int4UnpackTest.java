package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Weights as a GPU packs them. Only a GPU has that operator; what it writes where is written out
 * here, after matrix_to_m16n8k16_Bint4_layout in PyTorch's int4mm.cu.
 */
class Int4UnpackTest {
  private static final int GROUP = 32;

  private static final String UNPACK =
      """
        def test_unpack(self: __torch__.Decoder, packed: Tensor, scales: Tensor, sizes: List[int]) -> Tensor:
          M, B, I, = sizes
          ints = torch.set_(torch.empty([0], dtype=3), packed, 0, [M // 8, B, 32, I], [B * 32 * I, 32 * I, I, 1])
          K = 32 * I * B
          scales = torch.to(torch.view(scales, [K // 32, M, 2]), 15)
          return torch.to(self.unpack_int4(ints, scales), 6)
      """;

  @TempDir Path folder;

  /**
   * @param inner tiles of 16 inputs that are packed together
   */
  @ParameterizedTest
  @CsvSource({"16, 256, 8", "24, 192, 4", "8, 96, 2", "40, 128, 8"})
  void codesComeBackInTheirPlacesAndAreScaled(int rows, int inputs, int inner) throws IOException {
    Random random = new Random(rows);
    int[][] codes = new int[rows][inputs];
    float[] scales = new float[inputs / GROUP * rows * 2];
    for (int[] row : codes) {
      for (int k = 0; k < inputs; k++) {
        row[k] = random.nextInt(16);
      }
    }
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Rounding.bfloat16((float) random.nextGaussian());
    }
    float[] unpacked = unpack(pack(codes, inner), scales, rows, inputs, inner);
    for (int n = 0; n < rows; n++) {
      for (int k = 0; k < inputs; k++) {
        int group = 2 * (k / GROUP * rows + n);
        float expected = (codes[n][k] - 8) * scales[group] + scales[group + 1];
        assertEquals(Rounding.bfloat16(expected), unpacked[n * inputs + k], n + ", " + k);
      }
    }
  }

  private float[] unpack(ByteBuffer packed, float[] scales, int rows, int inputs, int inner)
      throws IOException {
    ModelConfig config = TestConfigs.qwen3(folder, 64, 64, 2, 1, 16);
    Backend backend = CudaPrograms.backend(config, Quantization.INT4);
    try (TorchModule module = CudaPrograms.module(config, backend, UNPACK);
        TorchModule.Scope scope = module.scope()) {
      PtNDArray bytes = scope.passingBytes(packed, 1, packed.remaining());
      long[] sizes = {rows, inputs / (16 * inner), inner / 2};
      return scope.call("test_unpack", bytes, scope.floats(scales), sizes).toFloatArray();
    }
  }

  /** As the operator does, from pairs of codes with the first one in the upper half of a byte. */
  private static ByteBuffer pack(int[][] codes, int inner) {
    int rows = codes.length;
    int inputs = codes[0].length;
    ByteBuffer packed = ByteBuffer.allocateDirect(rows * inputs / 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int rowTile = 0; rowTile < rows / 8; rowTile++) {
      for (int outer = 0; outer < inputs / (16 * inner); outer++) {
        for (int thread = 0; thread < 32; thread++) {
          for (int tile = 0; tile < inner; tile += 2) {
            int[] row = codes[8 * rowTile + thread / 4];
            int first = (outer * inner + tile) * 8 + thread % 4;
            int number = 0;
            for (int i = 0; i < 4; i++) {
              int pair = first + 4 * i;
              number |= row[2 * pair] << 4 * i | row[2 * pair + 1] << 16 + 4 * i;
            }
            packed.putInt(number);
          }
        }
      }
    }
    return packed.flip();
  }
}
