package io.qwark.engine.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A tensor in a safetensors file, row-major and little-endian. Its bytes stay in the file and are
 * seen through a memory mapping, which remains valid as long as a buffer is reachable. The file
 * must not change while it is in use.
 */
public final class TensorEntry {
  private final String name;
  private final DType dtype;
  private final long[] shape;
  private final MappedFile file;
  private final long offset;

  TensorEntry(String name, DType dtype, long[] shape, MappedFile file, long offset) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape.clone();
    this.file = file;
    this.offset = offset;
  }

  public String name() {
    return name;
  }

  public DType dtype() {
    return dtype;
  }

  /** A copy; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public long size() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** The first dimension; 1 for a scalar. */
  public long rowCount() {
    return shape.length == 0 ? 1 : shape[0];
  }

  /** Bytes of one step of the first dimension. */
  public long rowBytes() {
    return Arrays.stream(shape).skip(1).reduce(dtype.bytes(), Math::multiplyExact);
  }

  /** The most rows that {@link #rows} gives at once: what fits into 1 GiB. */
  public long maxRows() {
    return Math.max(1, MappedFile.STRIDE / Math.max(1, rowBytes()));
  }

  /**
   * A range of the first dimension, without copying.
   *
   * @param count at most {@link #maxRows}
   * @return read-only, direct and little-endian, from position 0 to its limit
   * @throws IllegalArgumentException if the range is outside the tensor or above 1 GiB
   */
  public ByteBuffer rows(long first, long count) {
    if (first < 0 || count < 0 || first > rowCount() - count) {
      throw new IllegalArgumentException(
          "Cannot take " + count + " rows from " + first + " of " + this);
    }
    return file.slice(offset + first * rowBytes(), Math.multiplyExact(count, rowBytes()));
  }

  MappedFile file() {
    return file;
  }

  @Override
  public String toString() {
    return name + " " + dtype + Arrays.toString(shape);
  }
}
