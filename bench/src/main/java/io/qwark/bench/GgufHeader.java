package io.qwark.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a GGUF file, version 3, begins with: metadata, and each tensor's name, dimensions, type and
 * place (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 */
final class GgufHeader {
  /** The format's default: each tensor starts at a multiple, counted from the end of the header. */
  static final int ALIGNMENT = 32;

  private static final int VERSION = 3;
  private static final int TYPE_UINT32 = 4;
  private static final int TYPE_FLOAT32 = 6;
  private static final int TYPE_STRING = 8;

  /**
   * A tensor to come.
   *
   * @param dimensions the fastest running first, which is the other way round than in safetensors
   */
  record Tensor(String name, List<Long> dimensions, GgufType type) {
    long bytes() {
      return type.bytes(dimensions.stream().reduce(1L, Math::multiplyExact));
    }
  }

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private GgufHeader() {}

  /**
   * @param metadata values are a String, an Integer (unsigned) or a Float each
   * @return the header with the padding that follows it
   */
  static byte[] of(Map<String, Object> metadata, List<Tensor> tensors) {
    GgufHeader header = new GgufHeader();
    header.bytes.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    header.put32(VERSION);
    header.put64(tensors.size());
    header.put64(metadata.size());
    metadata.forEach(header::putEntry);
    long offset = 0;
    for (Tensor tensor : tensors) {
      header.putString(tensor.name());
      header.put32(tensor.dimensions().size());
      tensor.dimensions().forEach(header::put64);
      header.put32(tensor.type().id);
      header.put64(offset);
      offset = aligned(offset + tensor.bytes());
    }
    header.bytes.writeBytes(padding(header.bytes.size()));
    return header.bytes.toByteArray();
  }

  static byte[] padding(long size) {
    return new byte[(int) (aligned(size) - size)];
  }

  private static long aligned(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void putEntry(String key, Object value) {
    putString(key);
    if (value instanceof String text) {
      put32(TYPE_STRING);
      putString(text);
    } else if (value instanceof Integer number) {
      put32(TYPE_UINT32);
      put32(number);
    } else if (value instanceof Float number) {
      put32(TYPE_FLOAT32);
      put32(Float.floatToIntBits(number));
    } else {
      throw new IllegalArgumentException(key + " is " + value);
    }
  }

  private void putString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    put64(utf8.length);
    bytes.writeBytes(utf8);
  }

  private void put32(int value) {
    bytes.writeBytes(little(Integer.BYTES).putInt(value).array());
  }

  private void put64(long value) {
    bytes.writeBytes(little(Long.BYTES).putLong(value).array());
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
