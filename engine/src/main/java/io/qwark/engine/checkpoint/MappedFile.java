package io.qwark.engine.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A whole file in memory-mapped form, of any size. A buffer ends below 2 GiB, so the file is mapped
 * in segments that start every GiB and overlap: any range of up to a GiB lies within one of them.
 * The mapping lasts as long as a buffer of it is reachable; there is nothing to close.
 */
public final class MappedFile {
  /** The most bytes of a {@link #slice}. */
  public static final long STRIDE = 1L << 30;

  private final Path path;
  private final long size;
  private final ByteBuffer[] segments;

  private MappedFile(Path path, long size, ByteBuffer[] segments) {
    this.path = path;
    this.size = size;
    this.segments = segments;
  }

  /**
   * @throws io.qwark.engine.api.UserException if the file cannot be read
   */
  public static MappedFile open(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer[] segments = new ByteBuffer[Math.toIntExact((size + STRIDE - 1) / STRIDE)];
      for (int i = 0; i < segments.length; i++) {
        long start = i * STRIDE;
        segments[i] =
            channel.map(MapMode.READ_ONLY, start, Math.min(Integer.MAX_VALUE, size - start));
      }
      return new MappedFile(path, size, segments);
    } catch (IOException e) {
      throw Errors.damaged(path, JsonFile.reason(e), e);
    }
  }

  public Path path() {
    return path;
  }

  /** Bytes of the file. */
  public long size() {
    return size;
  }

  /** A read-only, direct, little-endian view of {@code length} bytes, at most {@link #STRIDE}. */
  public ByteBuffer slice(long offset, long length) {
    if (offset < 0 || length < 0 || length > STRIDE || offset + length > size) {
      throw new IllegalArgumentException(
          "Cannot map " + length + " bytes at " + offset + " of " + path + ", " + size + " long");
    }
    if (length == 0) {
      return ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);
    }
    int start = (int) (offset % STRIDE);
    return segments[(int) (offset / STRIDE)]
        .slice(start, (int) length)
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
