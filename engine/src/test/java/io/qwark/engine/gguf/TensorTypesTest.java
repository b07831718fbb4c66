package io.qwark.engine.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers of each type, bit for bit as gguf-py gives them (gguf_golden.py). */
class TensorTypesTest {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens/gguf");
  private static final SafeTensors EXPECTED = SafeTensors.open(GOLDENS);
  private static final GgufFile FILE = GgufFile.open(GOLDENS.resolve("types.gguf"));

  @TempDir Path folder;

  static Stream<GgmlType> readable() {
    return Arrays.stream(GgmlType.values()).filter(GgmlType::readable);
  }

  @ParameterizedTest
  @MethodSource("readable")
  void numbersAreThoseOfTheReference(GgmlType type) {
    GgufTensor tensor = tensor(type);
    assertArrayEquals(new long[] {3, 512}, tensor.shape());
    assertEquals(type.name(), tensor.format());
    float[] numbers = new float[3 * 512];
    tensor.read(0, 3, numbers);
    assertSameBits(expected(type), numbers);
  }

  @ParameterizedTest
  @MethodSource("readable")
  void rowsCanBeReadAloneAndByManyThreads(GgmlType type) {
    GgufTensor tensor = tensor(type);
    float[] expected = expected(type);
    IntStream.range(0, 300)
        .parallel()
        .forEach(
            i -> {
              int first = i % 3;
              int count = 1 + i % (3 - first);
              float[] numbers = new float[count * 512];
              tensor.read(first, count, numbers);
              assertSameBits(
                  Arrays.copyOfRange(expected, first * 512, (first + count) * 512), numbers);
            });
  }

  @ParameterizedTest
  @MethodSource("readable")
  void rowsNeedNotBeginOrEndWithABlock(GgmlType type) {
    TensorInfo info = info(type);
    GgufTensor list =
        new GgufTensor(
            "list",
            new TensorInfo("list", type, new long[] {1536}, info.file(), info.offset()),
            RowOrder.FILES_OWN);
    float[] numbers = new float[300];
    list.read(411, 300, numbers);
    assertSameBits(Arrays.copyOfRange(expected(type), 411, 711), numbers);
  }

  @Test
  void allTypesThatShouldBeReadAreTested() {
    assertEquals(
        Set.of(
            "F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K",
            "Q5_K", "Q6_K"),
        readable().map(GgmlType::name).collect(Collectors.toSet()));
    assertEquals(13, FILE.tensors().size());
  }

  @Test
  void rowsOutsideTheTensorAreRefused() {
    GgufTensor tensor = tensor(GgmlType.Q4_0);
    float[] numbers = new float[4 * 512];
    assertThrows(IllegalArgumentException.class, () -> tensor.read(0, 4, numbers));
    assertThrows(IllegalArgumentException.class, () -> tensor.read(-1, 1, numbers));
    assertThrows(IllegalArgumentException.class, () -> tensor.read(3, 1, numbers));
    assertThrows(IllegalArgumentException.class, () -> tensor.read(Long.MAX_VALUE, 1, numbers));
  }

  @ParameterizedTest
  @EnumSource(names = {"IQ4_NL", "IQ2_XXS", "TQ1_0", "Q8_K", "MXFP4", "I32"})
  void otherTypesAreRefusedByName(GgmlType type) throws IOException {
    Path file = folder.resolve("model.gguf");
    byte[] data = new byte[type.bytes() * 256 / type.block()];
    new GgufWriter()
        .put("general.architecture", "qwen3")
        .raw("token_embd.weight", id(type), new long[] {1, 256}, data)
        .write(file);
    UserException e = assertThrows(UserException.class, () -> GgufModel.open(file).tensors());
    assertTrue(e.reason().contains("is of type " + type), e.getMessage());
    assertTrue(e.remedy().contains("Q4_0, Q4_1, Q5_0"), e.getMessage());
  }

  @Test
  void numbersOfTypesAreDistinct() {
    Set<Integer> ids = new HashSet<>();
    for (GgmlType type : GgmlType.values()) {
      assertTrue(ids.add(id(type)), type.name());
    }
  }

  private static int id(GgmlType type) {
    return IntStream.range(0, 64).filter(i -> GgmlType.of(i) == type).findFirst().orElseThrow();
  }

  private static TensorInfo info(GgmlType type) {
    List<TensorInfo> found =
        FILE.tensors().stream().filter(t -> t.name().equals(type.name())).toList();
    assertEquals(1, found.size());
    assertEquals(type, found.get(0).type());
    return found.get(0);
  }

  private static GgufTensor tensor(GgmlType type) {
    return new GgufTensor(type.name(), info(type), RowOrder.FILES_OWN);
  }

  private static float[] expected(GgmlType type) {
    TensorEntry entry = EXPECTED.find(type.name());
    float[] numbers = new float[(int) entry.size()];
    entry.read(0, (int) entry.rowCount(), numbers);
    return numbers;
  }

  private static void assertSameBits(float[] expected, float[] actual) {
    assertArrayEquals(bits(expected), bits(actual));
  }

  private static int[] bits(float[] numbers) {
    return IntStream.range(0, numbers.length)
        .map(i -> Float.floatToRawIntBits(numbers[i]))
        .toArray();
  }
}
