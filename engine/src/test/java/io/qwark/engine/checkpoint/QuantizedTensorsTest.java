package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Weights out of quantized folders, to the last bit, against what numpy and the formats' own
 * libraries make of them: see {@link QuantizedGoldens}.
 */
class QuantizedTensorsTest {
  static final List<String> MODELS = QuantizedGoldens.MODELS;

  @ParameterizedTest
  @FieldSource("MODELS")
  void everyWeightIsWhatTheFormatDefines(String name) {
    Map<String, String> digests = new TreeMap<>();
    for (Tensor tensor : tensors(name).entries()) {
      digests.put(tensor.name(), digest(all(tensor)));
    }
    assertEquals(QuantizedGoldens.digests(name), digests);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void anyRowsCanBeReadByManyThreads(String name) {
    for (Tensor tensor : tensors(name).entries()) {
      int width = (int) tensor.rowSize();
      float[] all = all(tensor);
      Random random = new Random(1);
      List<int[]> ranges =
          IntStream.range(0, 40)
              .mapToObj(
                  i -> {
                    int first = random.nextInt((int) tensor.rowCount());
                    return new int[] {first, 1 + random.nextInt((int) tensor.rowCount() - first)};
                  })
              .toList();
      ranges.parallelStream()
          .forEach(
              range -> {
                // Some room is left behind what is asked for, and must stay as it is.
                float[] rows = new float[range[1] * width + 1];
                tensor.read(range[0], range[1], rows);
                float[] expected =
                    Arrays.copyOfRange(all, range[0] * width, (range[0] + range[1]) * width);
                assertArrayEquals(expected, Arrays.copyOf(rows, expected.length), tensor.name());
                assertEquals(0, rows[expected.length]);
              });
      assertThrows(
          IllegalArgumentException.class,
          () -> tensor.read(tensor.rowCount(), 1, new float[width]));
    }
  }

  /** torch.float8_e4m3fn, all of its 256 numbers. */
  @Test
  void everyCodeOfFp8HasTorchsNumber() throws Exception {
    float[] expected = all(SafeTensors.open(QuantizedGoldens.folder("e4m3")).find("numbers"));
    byte[] codes = new byte[256];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) i;
    }
    Path folder = Files.createTempDirectory("e4m3");
    Path file = folder.resolve("model.safetensors");
    new SafeTensorsWriter().raw("codes", "F8_E4M3", new long[] {16, 16}, codes).write(file);
    float[] numbers = new float[256];
    ByteCodes.e4m3(SafeTensors.open(folder).find("codes")).read(0, 16, numbers);
    Files.delete(file);
    Files.delete(folder);
    assertArrayEquals(expected, numbers);
  }

  /**
   * One scale for each row, symmetric: compressed-tensors' int8 (but for down_proj, in which the
   * script puts a -128), its 4-bit rows, and GPTQ's 8-bit rows.
   */
  @ParameterizedTest
  @CsvSource({
    "ct-int8, down_proj",
    "ct-w4-rows, ''",
    "gptq-8-rows-v2, ''",
  })
  void rowsThatInt8HoldsExactlyAreGivenAsSuch(String name, String without) {
    Set<String> whole = new TreeSet<>();
    for (Tensor tensor : tensors(name).entries()) {
      if (tensor.int8Rows()) {
        whole.add(tensor.name().replaceAll(".*\\.(\\w+)\\.weight", "$1"));
        assertSameNumbers(tensor);
      } else {
        assertThrows(
            UnsupportedOperationException.class,
            () -> tensor.readInt8(0, 1, new byte[64], new float[1]));
      }
    }
    Set<String> expected =
        new TreeSet<>(
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"));
    expected.remove(without);
    assertEquals(expected, whole);
  }

  @ParameterizedTest
  @CsvSource({
    "fp8-blocks",
    "gptq-4-sym",
    "awq",
    "ct-w4-groups",
    "ct-w8-groups",
    "ct-fp8",
    "mlx-4",
  })
  void otherRowsAreNot(String name) {
    assertFalse(tensors(name).entries().stream().anyMatch(Tensor::int8Rows));
  }

  private static void assertSameNumbers(Tensor tensor) {
    int width = (int) tensor.rowSize();
    int first = 1;
    int count = (int) tensor.rowCount() - first;
    byte[] codes = new byte[count * width];
    float[] scales = new float[count];
    tensor.readInt8(first, count, codes, scales);
    float[] numbers = new float[count * width];
    for (int i = 0; i < numbers.length; i++) {
      assertTrue(codes[i] >= -127);
      numbers[i] = codes[i] * scales[i / width];
    }
    float[] expected = new float[count * width];
    tensor.read(first, count, expected);
    assertArrayEquals(expected, numbers);
  }

  private static Tensors tensors(String name) {
    return ModelFolder.open(QuantizedGoldens.folder(name)).tensors();
  }

  static float[] all(Tensor tensor) {
    float[] numbers = new float[(int) tensor.size()];
    tensor.read(0, (int) tensor.rowCount(), numbers);
    return numbers;
  }

  private static String digest(float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
