package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes one safetensors file, tensor by tensor in the order announced. */
public final class SafeTensorsOutput implements AutoCloseable {
  /** Data begins at a multiple of this, so that tensors can be used where they are mapped. */
  private static final int ALIGNMENT = 64;

  /** What a tensor will be. */
  public record Announced(String name, DType dtype, long... shape) {
    long bytes() {
      return Arrays.stream(shape).reduce(dtype.bytes(), Math::multiplyExact);
    }
  }

  private final FileChannel channel;
  private long left;

  /**
   * @param file does not exist yet
   */
  public SafeTensorsOutput(Path file, List<Announced> tensors) throws IOException {
    byte[] header = header(tensors);
    this.left = tensors.stream().mapToLong(Announced::bytes).sum();
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    writeAll(start.putLong(header.length).put(header).flip());
  }

  private static byte[] header(List<Announced> tensors) throws IOException {
    Map<String, Object> entries = new LinkedHashMap<>();
    long offset = 0;
    for (Announced tensor : tensors) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", tensor.dtype().name());
      entry.put("shape", tensor.shape());
      entry.put("data_offsets", List.of(offset, offset + tensor.bytes()));
      entries.put(tensor.name(), entry);
      offset += tensor.bytes();
    }
    byte[] json = new ObjectMapper().writeValueAsBytes(entries);
    int padded = (json.length + 8 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - 8;
    byte[] header = Arrays.copyOf(json, padded);
    Arrays.fill(header, json.length, padded, " ".getBytes(StandardCharsets.US_ASCII)[0]);
    return header;
  }

  /** Appends bytes of the tensor whose turn it is. */
  public void write(ByteBuffer bytes) throws IOException {
    left -= bytes.remaining();
    writeAll(bytes);
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Closes the file, which then holds all that was announced. */
  public void finish() throws IOException {
    if (left != 0) {
      throw new IllegalStateException(left + " bytes of the tensors announced are missing");
    }
    close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
