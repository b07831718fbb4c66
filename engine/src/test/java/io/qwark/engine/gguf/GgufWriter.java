package io.qwark.engine.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small GGUF files, sound ones or not. */
final class GgufWriter {
  private static final int ALIGNMENT = 32;

  /**
   * @param shape slowest dimension first
   */
  private record Entry(String name, int type, long[] shape, byte[] data) {}

  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<Entry> tensors = new ArrayList<>();
  int version = 3;

  /** Puts an Integer (uint32), Long (uint64), Float, Boolean, String or a list of them. */
  GgufWriter put(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  GgufWriter remove(String key) {
    metadata.remove(key);
    return this;
  }

  GgufWriter raw(String name, int type, long[] shape, byte[] data) {
    tensors.add(new Entry(name, type, shape, data));
    return this;
  }

  GgufWriter f32(String name, long[] shape, float... numbers) {
    ByteBuffer data = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      data.putFloat(number);
    }
    return raw(name, 0, shape, data.array());
  }

  void write(Path file) throws IOException {
    Files.write(file, bytes());
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    int32(out, version);
    int64(out, tensors.size());
    int64(out, metadata.size());
    metadata.forEach(
        (key, value) -> {
          text(out, key);
          int32(out, typeOf(value));
          value(out, value);
        });
    long offset = 0;
    for (Entry tensor : tensors) {
      text(out, tensor.name);
      int32(out, tensor.shape.length);
      for (int i = tensor.shape.length - 1; i >= 0; i--) {
        int64(out, tensor.shape[i]);
      }
      int32(out, tensor.type);
      int64(out, offset);
      offset += (tensor.data.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    for (Entry tensor : tensors) {
      pad(out);
      out.writeBytes(tensor.data);
    }
    return out.toByteArray();
  }

  private static void pad(ByteArrayOutputStream out) {
    out.writeBytes(new byte[(ALIGNMENT - out.size() % ALIGNMENT) % ALIGNMENT]);
  }

  private static int typeOf(Object value) {
    return value instanceof Integer
        ? 4
        : value instanceof Long
            ? 10
            : value instanceof Float
                ? 6
                : value instanceof Boolean ? 7 : value instanceof String ? 8 : 9;
  }

  private static void value(ByteArrayOutputStream out, Object value) {
    if (value instanceof Integer number) {
      int32(out, number);
    } else if (value instanceof Long number) {
      int64(out, number);
    } else if (value instanceof Float number) {
      int32(out, Float.floatToIntBits(number));
    } else if (value instanceof Boolean flag) {
      out.write(flag ? 1 : 0);
    } else if (value instanceof String text) {
      text(out, text);
    } else if (value instanceof List<?> list) {
      int32(out, list.isEmpty() ? 4 : typeOf(list.get(0)));
      int64(out, list.size());
      list.forEach(each -> value(out, each));
    } else {
      throw new IllegalArgumentException(String.valueOf(value));
    }
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int64(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void int32(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void int64(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }
}
