package io.qwark.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a small GGUF file as the format's description has it, knowing nothing of the writer. */
final class GgufFile {
  record Tensor(long[] dimensions, int type, long offset) {}

  final int version;
  final Map<String, Object> metadata = new LinkedHashMap<>();
  final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Where the first tensor starts. */
  final int dataStart;

  final ByteBuffer bytes;

  GgufFile(Path file) throws IOException {
    bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.getInt() != 0x46554747) {
      throw new IOException("no GGUF file");
    }
    version = bytes.getInt();
    long tensorCount = bytes.getLong();
    long entries = bytes.getLong();
    for (long i = 0; i < entries; i++) {
      metadata.put(string(), value(bytes.getInt()));
    }
    for (long i = 0; i < tensorCount; i++) {
      String name = string();
      long[] dimensions = new long[bytes.getInt()];
      for (int d = 0; d < dimensions.length; d++) {
        dimensions[d] = bytes.getLong();
      }
      tensors.put(name, new Tensor(dimensions, bytes.getInt(), bytes.getLong()));
    }
    dataStart = (bytes.position() + 31) & ~31;
  }

  /** The value of one weight, by its number in the tensor. */
  float weight(String name, int index) {
    Tensor tensor = tensors.get(name);
    int start = (int) (dataStart + tensor.offset());
    int block = index / 32;
    int within = index % 32;
    return switch (tensor.type()) {
      case 0 -> bytes.getFloat(start + 4 * index);
      case 8 -> half(start + 34 * block) * bytes.get(start + 34 * block + 2 + within);
      case 2 -> {
        int pair = bytes.get(start + 18 * block + 2 + within % 16);
        yield half(start + 18 * block) * ((within < 16 ? pair & 15 : pair >> 4 & 15) - 8);
      }
      default -> throw new IllegalArgumentException("type " + tensor.type());
    };
  }

  /** The scale that a weight shares with its block. */
  float scale(String name, int index) {
    Tensor tensor = tensors.get(name);
    return half(
        (int) (dataStart + tensor.offset()) + (tensor.type() == 8 ? 34 : 18) * (index / 32));
  }

  private float half(int at) {
    int bits = bytes.getShort(at) & 0xFFFF;
    int exponent = bits >> 10 & 31;
    double fraction = (bits & 1023) / 1024.0;
    double magnitude =
        exponent == 0 ? fraction * Math.pow(2, -14) : (1 + fraction) * Math.pow(2, exponent - 15);
    return (float) (bits >> 15 == 0 ? magnitude : -magnitude);
  }

  private Object value(int type) {
    return switch (type) {
      case 4 -> bytes.getInt();
      case 6 -> bytes.getFloat();
      case 8 -> string();
      default -> throw new IllegalArgumentException("type " + type);
    };
  }

  private String string() {
    byte[] utf8 = new byte[(int) bytes.getLong()];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
