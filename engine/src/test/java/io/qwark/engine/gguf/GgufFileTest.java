package io.qwark.engine.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
  /** Where a file without metadata has its first tensor's dimensions, type and offset. */
  private static final int NAME = 24;

  private static final int DIMENSIONS = NAME + 8 + 1;
  private static final int WIDTH = DIMENSIONS + 4;
  private static final int TYPE = WIDTH + 8;
  private static final int OFFSET = TYPE + 4;

  @TempDir Path folder;

  /** Written by gguf-py, see gguf_golden.py. */
  @Test
  void valuesOfAllTypesAreRead() {
    GgufMetadata metadata =
        GgufFile.open(Path.of("src/test/resources/goldens/gguf/types.gguf")).metadata();
    assertEquals(200, metadata.integer("value.uint8", 0, 255));
    assertEquals(-100, metadata.integer("value.int8", -128, 127));
    assertEquals(60_000, metadata.integer("value.uint16", 0, 65535));
    assertEquals(-30_000, metadata.integer("value.int16", -32768, 0));
    assertEquals(4e9, metadata.number("value.uint32", 0, 5e9));
    assertEquals(-2_000_000_000, metadata.integer("value.int32", Integer.MIN_VALUE, 0));
    assertEquals(9e18, metadata.number("value.uint64", 0, 1e19));
    assertEquals(-9e18, metadata.number("value.int64", -1e19, 0));
    assertEquals(1e-6, metadata.number("value.float32", 0, 1));
    assertEquals(1e-300, metadata.number("value.float64", 0, 1));
    assertTrue(metadata.flag("value.yes", false));
    assertTrue(!metadata.flag("value.no", true));
    assertEquals("Grüße, 世界 🙂", metadata.text("value.text"));
    assertEquals("", metadata.text("value.empty"));
    assertArrayEquals(new long[] {3, 1, 2}, metadata.integers("list.numbers"));
    assertArrayEquals(new double[] {0.5, -0.25}, metadata.numbers("list.floats"));
    assertArrayEquals(new String[] {"a", "", "ü"}, metadata.texts("list.texts"));
    assertTrue(metadata.has("list.flags") && metadata.has("list.lists"));
  }

  @Test
  void versionTwoIsRead() throws IOException {
    GgufWriter writer = one();
    writer.version = 2;
    assertEquals(1, open(writer.bytes()).tensors().size());
  }

  @Test
  void otherVersionsAndFormatsAreRefused() {
    assertFails(with(4, 1), "of GGUF version 1");
    assertFails(with(4, 4), "of GGUF version 4");
    assertFails(with(4, Integer.reverseBytes(3)), "big-endian");
    assertFails(with(0, 0x12345678), "does not begin with `GGUF`");
    assertFails(new byte[0], "cut short");
    assertFails(new byte[] {'G', 'G'}, "cut short");
  }

  @Test
  void countsAreHeldAgainstTheFile() {
    assertFails(with(8, 1000), "announces 1000 tensors");
    assertFails(with(12, -1), "tensors");
    assertFails(with(16, 1000), "announces 1000 pairs of metadata");
    assertFails(with(NAME, 1 << 30), "bytes of a tensor's name");
    assertFails(with(NAME, 65), "bytes of a tensor's name");
  }

  @Test
  void tensorsAreHeldAgainstTheFile() {
    assertFails(with(DIMENSIONS, 5), "has 5 dimensions");
    assertFails(with(DIMENSIONS, -1), "has 4294967295 dimensions");
    assertFails(with(WIDTH, 9), "lies outside the file, which has 32 bytes of data");
    assertFails(with(WIDTH, 0), "an absurd shape");
    assertFails(with(WIDTH + 4, 0x7FFFFFFF), "an absurd shape");
    assertFails(with(WIDTH + 4, -1), "an absurd shape");
    assertFails(with(TYPE, 4), "of the unknown type 4; readable are F32, F16");
    assertFails(with(TYPE, -1), "of the unknown type 4294967295");
    assertFails(with(TYPE, 2), "has rows of 8, no whole number of blocks of Q4_0");
    assertFails(with(OFFSET, 4), "begins at 4, no multiple of 32");
    assertFails(with(OFFSET, 32), "lies outside the file");
    assertFails(with(OFFSET + 4, 0x7FFFFFFF), "lies outside the file");
    assertFails(with(OFFSET + 4, -1), "no multiple of");
    byte[] sound = one().bytes();
    assertFails(Arrays.copyOf(sound, sound.length - 1), "it may be cut short");
  }

  @Test
  void manyDimensionsDoNotOverflow() {
    long huge = 1L << 31;
    assertFails(
        new GgufWriter().raw("t", 0, new long[] {huge, huge, huge, huge}, new byte[32]).bytes(),
        "an absurd shape");
  }

  @Test
  void namesAndKeysAreThereOnce() {
    GgufWriter twice = one().f32("t", new long[] {8}, new float[8]);
    assertFails(twice.bytes(), "tensor t is there twice");
    byte[] keys = new GgufWriter().put("a", 1).put("b", 2).bytes();
    keys[24 + 8 + 1 + 4 + 4 + 8] = 'a';
    assertFails(keys, "`a` is given twice");
  }

  @Test
  void tensorsDoNotOverlap() throws IOException {
    byte[] two = one().f32("u", new long[] {8}, new float[8]).bytes();
    assertEquals(2, open(two).tensors().size());
    ByteBuffer.wrap(two).order(ByteOrder.LITTLE_ENDIAN).putLong(OFFSET + 8 + OFFSET - NAME, 0);
    assertFails(two, "tensor t overlaps tensor u");
  }

  @Test
  void theAlignmentIsAPowerOfTwo() throws IOException {
    assertEquals(0, open(new GgufWriter().put("general.alignment", 64).bytes()).tensors().size());
    for (int wrong : new int[] {0, 33, -1}) {
      assertFails(new GgufWriter().put("general.alignment", wrong).bytes(), "`general.alignment`");
    }
  }

  @Test
  void metadataOfUnknownTypesOrWrongTextIsRefused() {
    byte[] number = new GgufWriter().put("a", 1).bytes();
    number[24 + 8 + 1] = 13;
    assertFails(number, "of the unknown type 13");
    byte[] flag = new GgufWriter().put("a", true).bytes();
    flag[flag.length - 1] = 2;
    assertFails(flag, "neither true nor false");
    byte[] text = new GgufWriter().put("a", "x").bytes();
    text[text.length - 1] = (byte) 0xC3;
    assertFails(text, "no UTF-8");
    byte[] large = new GgufWriter().put("a", -1L).bytes();
    assertFails(large, "18446744073709551615");
  }

  @Test
  void listsAreHeldAgainstTheFileAndNotTooDeep() {
    byte[] list = new GgufWriter().put("a", List.of(1, 2)).bytes();
    list[24 + 8 + 1 + 4 + 4] = 3;
    assertFails(list, "announces 3 elements of a list");
    list[24 + 8 + 1 + 4 + 4 + 7] = 0x7F;
    assertFails(list, "elements of a list");
    List<Object> deep = List.of(1);
    for (int i = 0; i < 5; i++) {
      deep = new ArrayList<>(List.of(deep));
    }
    assertFails(new GgufWriter().put("a", deep).bytes(), "lists within lists");
  }

  private static GgufWriter one() {
    return new GgufWriter().f32("t", new long[] {8}, new float[8]);
  }

  /** A sound file with four of its bytes changed. */
  private static byte[] with(int at, int value) {
    byte[] file = one().bytes();
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return file;
  }

  private GgufFile open(byte[] bytes) throws IOException {
    return GgufFile.open(Files.write(folder.resolve("model.gguf"), bytes));
  }

  private void assertFails(byte[] bytes, String part) {
    UserException e = assertThrows(UserException.class, () -> open(bytes));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertTrue(e.getMessage().contains("model.gguf"), e.getMessage());
  }
}
