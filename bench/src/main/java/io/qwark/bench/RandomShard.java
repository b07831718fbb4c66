package io.qwark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Shape.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/** Writes one safetensors file of random bf16 tensors, a buffer at a time. */
final class RandomShard {
  /** Standard deviation of the weights, as Qwen3's initializer_range. */
  private static final float DEVIATION = 0.02f;

  private static final short ONE = bf16(1);
  private static final int BUFFER_BYTES = 8 << 20;

  /** Values to draw from: 16 random bits pick one, which is much faster than computing it. */
  private static final short[] NORMAL = normal();

  private RandomShard() {}

  static long bytes(Tensor tensor) {
    return Short.BYTES * tensor.size();
  }

  static void write(Path file, List<Tensor> tensors, long seed) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] header = header(tensors);
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      buffer.putLong(header.length).put(header);
      flush(buffer, out);
      SplittableRandom random = new SplittableRandom(seed);
      for (Tensor tensor : tensors) {
        fill(tensor, random, buffer, out);
      }
    }
  }

  private static byte[] header(List<Tensor> tensors) throws IOException {
    Map<String, Object> entries = new LinkedHashMap<>();
    long offset = 0;
    for (Tensor tensor : tensors) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", "BF16");
      entry.put("shape", tensor.dimensions());
      entry.put("data_offsets", List.of(offset, offset + bytes(tensor)));
      entries.put(tensor.name(), entry);
      offset += bytes(tensor);
    }
    return new ObjectMapper().writeValueAsBytes(entries);
  }

  private static void fill(
      Tensor tensor, SplittableRandom random, ByteBuffer buffer, FileChannel out)
      throws IOException {
    long bits = 0;
    for (long i = 0; i < tensor.size(); i++) {
      if (i % 4 == 0) {
        bits = random.nextLong();
      }
      buffer.putShort(tensor.isNorm() ? ONE : NORMAL[(int) (bits & 0xFFFF)]);
      bits >>>= 16;
      if (!buffer.hasRemaining()) {
        flush(buffer, out);
      }
    }
    flush(buffer, out);
  }

  private static void flush(ByteBuffer buffer, FileChannel out) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
    buffer.clear();
  }

  private static short[] normal() {
    Random random = new Random(1);
    short[] values = new short[1 << 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = bf16((float) random.nextGaussian() * DEVIATION);
    }
    return values;
  }

  /** The upper half of a float's bits. */
  private static short bf16(float value) {
    return (short) (Float.floatToRawIntBits(value) >>> 16);
  }
}
