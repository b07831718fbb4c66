package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

  @TempDir Path folder;

  @Test
  void readsTensorsOfOneFile() throws IOException {
    new SafeTensorsWriter()
        .f32("a", new long[] {2, 3}, 1, 2, 3, 4, 5, 6)
        .raw("b", "BF16", new long[] {2}, new byte[] {1, 2, 3, 4})
        .f32("scalar", new long[] {}, 7)
        .f32("none", new long[] {0, 4})
        .write(folder.resolve("model.safetensors"));

    SafeTensors tensors = SafeTensors.open(folder);

    assertEquals(
        List.of("a F32[2, 3]", "b BF16[2]", "scalar F32[]", "none F32[0, 4]"),
        tensors.entries().stream().map(TensorEntry::toString).toList());
    TensorEntry a = tensors.find("a");
    assertEquals(6, a.size());
    assertEquals(2, a.rowCount());
    assertEquals(12, a.rowBytes());
    assertArrayEquals(new float[] {4, 5, 6}, floats(a.rows(1, 1)));
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, floats(a.rows(0, 2)));
    assertEquals(0x0201, tensors.find("b").rows(0, 1).getShort());
    assertArrayEquals(new float[] {7}, floats(tensors.find("scalar").rows(0, 1)));
    assertEquals(0, tensors.find("none").rows(0, 0).remaining());
    assertNull(tensors.find("c"));
  }

  @Test
  void rowsAreMappedNotCopied() throws IOException {
    new SafeTensorsWriter()
        .f32("a", new long[] {2}, 1, 2)
        .write(folder.resolve("model.safetensors"));
    ByteBuffer rows = SafeTensors.open(folder).find("a").rows(0, 2);
    assertTrue(rows.isDirect() && rows.isReadOnly());
    assertEquals(ByteOrder.LITTLE_ENDIAN, rows.order());
    assertEquals(0, rows.position());
  }

  @Test
  void rowsOutsideTheTensorAreRefused() throws IOException {
    new SafeTensorsWriter()
        .f32("a", new long[] {2}, 1, 2)
        .write(folder.resolve("model.safetensors"));
    TensorEntry a = SafeTensors.open(folder).find("a");
    assertThrows(IllegalArgumentException.class, () -> a.rows(1, 2));
    assertThrows(IllegalArgumentException.class, () -> a.rows(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> a.rows(0, -1));
    assertThrows(IllegalArgumentException.class, () -> a.rows(2, Long.MAX_VALUE));
  }

  /** A sparse file of 5 GiB with one tensor of 4.5 GiB: offsets and sizes beyond an int. */
  @Test
  void readsRowsOfTensorsAboveTwoGigabytes() throws IOException {
    long rows = (9L << 29) >> 12;
    long big = rows << 12;
    String header =
        "{\"small\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                .formatted(1 << 29, 1 << 29)
            + "\"big\":{\"dtype\":\"F16\",\"shape\":[%d,2048],\"data_offsets\":[%d,%d]}}"
                .formatted(rows, 1 << 29, (1L << 29) + big);
    byte[] start = SafeTensorsWriter.file(header, new byte[0]);
    Path file = folder.resolve("model.safetensors");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(start);
      out.setLength(start.length + (1L << 29) + big);
      for (long row = 0; row < rows; row += 99_991) {
        out.seek(start.length + (1L << 29) + (row << 12));
        out.writeInt(Integer.reverseBytes((int) row + 1));
      }
      out.seek(start.length + (1L << 29) + big - 1);
      out.write(42);
    }

    TensorEntry tensor = SafeTensors.open(folder).find("big");

    assertEquals(1 << 18, tensor.maxRows());
    for (long row = 0; row < rows; row += 99_991) {
      assertEquals(row + 1, tensor.rows(row, 1).getInt());
      long count = Math.min(tensor.maxRows(), rows - row);
      assertEquals(row + 1, tensor.rows(row, count).getInt());
    }
    assertEquals(42, tensor.rows(rows - 1, 1).get(4095));
    assertThrows(IllegalArgumentException.class, () -> tensor.rows(0, tensor.maxRows() + 1));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                                | begin with",
        "{\"a\":1}                                                         | not a JSON object",
        "{\"a\":{}}                                                        | lacks its dtype",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}                         | lacks its dtype",
        "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}  | dtype F33 is unknown",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | whole numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}| whole numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}  | takes 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | outside the file",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}  | outside the file",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}  | gap at byte 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  | take 4 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,8]}}"
            + " | absurdly large",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}} | no known key",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}  | not valid JSON"
      })
  void refusesHeadersThatBreakTheFormat(String header, String reason) throws IOException {
    assertFails(SafeTensorsWriter.file(header, new byte[8]), reason);
  }

  @Test
  void refusesTwoTensorsOfOneName() throws IOException {
    assertFails(SafeTensorsWriter.file("{" + A + "," + A + "}", new byte[8]), "Duplicate");
  }

  @Test
  void refusesOverlappingTensors() throws IOException {
    String b = A.replace("\"a\"", "\"b\"");
    assertFails(SafeTensorsWriter.file("{" + A + "," + b + "}", new byte[8]), "overlap");
  }

  @Test
  void refusesTruncatedFiles() throws IOException {
    byte[] whole = SafeTensorsWriter.file("{" + A + "}", new byte[8]);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertFails(cut, length < 8 ? "length" : length < whole.length - 8 ? "header" : "cut short");
    }
  }

  @Test
  void refusesAHeaderLengthThatNoHeaderHas() throws IOException {
    byte[] file = new byte[64];
    java.util.Arrays.fill(file, (byte) 0xff);
    assertFails(file, "18446744073709551615 bytes");
  }

  @Test
  void metadataAndPaddingAreAllowed() throws IOException {
    String header = "{\"__metadata__\":{\"format\":\"pt\"}," + A + "}     ";
    Files.write(folder.resolve("model.safetensors"), SafeTensorsWriter.file(header, new byte[8]));
    assertEquals(1, SafeTensors.open(folder).entries().size());
  }

  @Test
  void readsShardsByTheirIndex() throws IOException {
    shards("{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
    SafeTensors tensors = SafeTensors.open(folder);
    assertArrayEquals(new float[] {2}, floats(tensors.find("b").rows(0, 1)));
    assertEquals(2, tensors.files().size());
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":\"one.safetensors\",\"b\":\"three.safetensors\"} | three.safetensors: it does not",
        "{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\",\"c\":\"two.safetensors\"}"
            + " | tensor c in",
        "{\"a\":\"one.safetensors\",\"c\":\"two.safetensors\"} | index.json does not list it",
        "{\"a\":\"two.safetensors\",\"b\":\"two.safetensors\"} | does not hold it",
        "{\"a\":\"../one.safetensors\"} | no plain file name",
        "{\"a\":\"/etc/passwd\"} | no plain file name",
        "{\"a\":7} | no plain file name",
        "{} | weight_map",
        "[] | weight_map"
      })
  void refusesAnIndexThatDisagreesWithItsShards(String map, String reason) throws IOException {
    shards("{\"weight_map\":" + map + "}");
    UserException e = assertThrows(UserException.class, () -> SafeTensors.open(folder));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private void shards(String index) throws IOException {
    new SafeTensorsWriter().f32("a", new long[] {1}, 1).write(folder.resolve("one.safetensors"));
    new SafeTensorsWriter().f32("b", new long[] {1}, 2).write(folder.resolve("two.safetensors"));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), index, StandardCharsets.UTF_8);
  }

  private void assertFails(byte[] file, String reason) throws IOException {
    Files.write(folder.resolve("model.safetensors"), file);
    UserException e = assertThrows(UserException.class, () -> SafeTensors.open(folder));
    assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  static float[] floats(ByteBuffer bytes) {
    float[] floats = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }
}
