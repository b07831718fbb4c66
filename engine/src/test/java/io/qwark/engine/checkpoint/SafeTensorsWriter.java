package io.qwark.engine.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes safetensors files for tests, straight from the description of the format. */
public final class SafeTensorsWriter {
  private final List<String> header = new ArrayList<>();
  private byte[] data = new byte[0];

  /** Adds a float32 tensor. */
  public SafeTensorsWriter f32(String name, long[] shape, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return raw(name, "F32", shape, bytes.array());
  }

  public SafeTensorsWriter raw(String name, String dtype, long[] shape, byte[] bytes) {
    header.add(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
            .formatted(
                name,
                dtype,
                Arrays.toString(shape).replace(" ", ""),
                data.length,
                data.length + bytes.length));
    int end = data.length;
    data = Arrays.copyOf(data, end + bytes.length);
    System.arraycopy(bytes, 0, data, end, bytes.length);
    return this;
  }

  public String header() {
    return "{" + String.join(",", header) + "}";
  }

  public byte[] bytes() {
    return file(header(), data);
  }

  public void write(Path file) throws IOException {
    Files.write(file, bytes());
  }

  /** A file with any header, right or wrong. */
  static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }
}
