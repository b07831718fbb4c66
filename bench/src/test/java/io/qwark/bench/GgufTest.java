package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GgufTest {
  @TempDir static Path folder;

  private static Path checkpoint;

  @BeforeAll
  static void writeCheckpoint() throws IOException {
    checkpoint = folder.resolve("tiny");
    RandomCheckpoint.write(Shape.TINY, checkpoint);
  }

  private static GgufFile write(GgufType type) throws IOException {
    Path file = folder.resolve(type.wireName() + System.nanoTime() + ".gguf");
    Gguf.write(Shape.TINY, checkpoint, type, file);
    return new GgufFile(file);
  }

  @Test
  void theHeaderDescribesTheModel() throws IOException {
    GgufFile file = write(GgufType.Q8_0);
    assertEquals(3, file.version);
    assertEquals("qwen3", file.metadata.get("general.architecture"));
    // MOSTLY_Q8_0 of llama.cpp's llama_ftype.
    assertEquals(7, file.metadata.get("general.file_type"));
    assertEquals(1024, file.metadata.get("qwen3.vocab_size"));
    assertEquals(128, file.metadata.get("qwen3.embedding_length"));
    assertEquals(384, file.metadata.get("qwen3.feed_forward_length"));
    assertEquals(4, file.metadata.get("qwen3.block_count"));
    assertEquals(4, file.metadata.get("qwen3.attention.head_count"));
    assertEquals(2, file.metadata.get("qwen3.attention.head_count_kv"));
    assertEquals(32, file.metadata.get("qwen3.attention.key_length"));
    assertEquals(1e6f, file.metadata.get("qwen3.rope.freq_base"));
    assertEquals(1e-6f, file.metadata.get("qwen3.attention.layer_norm_rms_epsilon"));
  }

  @ParameterizedTest
  @CsvSource({"Q8_0, 8, 34", "Q4_0, 2, 18"})
  void tensorsFollowEachOtherAtMultiplesOf32(GgufType type, int id, int blockBytes)
      throws IOException {
    GgufFile file = write(type);
    // An embedding, a norm, and 11 tensors in each of 4 layers.
    assertEquals(2 + 4 * 11, file.tensors.size());
    long offset = 0;
    for (GgufFile.Tensor tensor : file.tensors.values()) {
      assertEquals(offset, tensor.offset());
      boolean vector = tensor.dimensions().length == 1;
      assertEquals(vector ? 0 : id, tensor.type());
      long size = vector ? tensor.dimensions()[0] : tensor.dimensions()[0] * tensor.dimensions()[1];
      long bytes = vector ? size * 4 : size / 32 * blockBytes;
      offset += (bytes + 31) / 32 * 32;
    }
    assertEquals(file.dataStart + offset, file.bytes.capacity());
  }

  @Test
  void dimensionsRunTheOtherWayRound() throws IOException {
    GgufFile file = write(GgufType.Q8_0);
    assertArrayEquals(new long[] {128, 1024}, file.tensors.get("token_embd.weight").dimensions());
    assertArrayEquals(
        new long[] {384, 128}, file.tensors.get("blk.3.ffn_down.weight").dimensions());
    assertArrayEquals(new long[] {128, 64}, file.tensors.get("blk.0.attn_k.weight").dimensions());
    assertArrayEquals(new long[] {32}, file.tensors.get("blk.0.attn_q_norm.weight").dimensions());
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void weightsAreTheCheckpointsToWithinAStep(GgufType type) throws IOException {
    GgufFile file = write(type);
    SafeTensors source = SafeTensors.open(checkpoint);
    for (Shape.Tensor tensor : Shape.TINY.tensors()) {
      TensorEntry entry = source.find(tensor.name());
      ByteBuffer weights = entry.rows(0, entry.rowCount());
      String name = Gguf.name(tensor.name());
      for (int i = 0; i < entry.size(); i++) {
        float expected = Float.intBitsToFloat(weights.getShort(2 * i) << 16);
        // 4 bits reach a step less far up than down, and a scale is rounded to 11 bits.
        double tolerance =
            tensor.isNorm()
                ? 0
                : Math.abs(file.scale(name, i)) * (type == GgufType.Q8_0 ? .57 : 1.01);
        assertEquals(expected, file.weight(name, i), tolerance, name + " " + i);
      }
    }
  }

  /** Scales are 1, whose half has the bits 3C00. */
  @Test
  void blocksLieAsTheFormatHasThem() {
    float[] weights = new float[32];
    for (int i = 0; i < 32; i++) {
      weights[i] = i % 16 - 8;
    }
    assertEquals("003c" + "00112233445566778899aabbccddeeff", hex(GgufType.Q4_0, weights));
    weights[31] = 127;
    assertEquals(
        "003c" + "f8f9fafbfcfdfeff0001020304050607" + "f8f9fafbfcfdfeff000102030405067f",
        hex(GgufType.Q8_0, weights));
    assertTrue(hex(GgufType.Q8_0, new float[32]).matches("0{68}"));
  }

  private static String hex(GgufType type, float[] weights) {
    ByteBuffer out = ByteBuffer.allocate((int) type.bytes(32)).order(ByteOrder.LITTLE_ENDIAN);
    type.encode(weights, out);
    return HexFormat.of().formatHex(out.array());
  }
}
