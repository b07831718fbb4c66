package io.qwark.engine.checkpoint;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A tensor in a safetensors file, row-major and little-endian. Its bytes stay in the file and are
 * seen through a memory mapping, which remains valid as long as a buffer is reachable. The file
 * must not change while it is in use.
 */
public final class TensorEntry implements Tensor {
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

  @Override
  public String name() {
    return name;
  }

  public DType dtype() {
    return dtype;
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public String format() {
    return dtype.name();
  }

  @Override
  public void read(long first, int count, float[] to) {
    int numbers = Math.toIntExact(count * rowSize());
    ByteBuffer bytes = rows(first, count);
    switch (dtype) {
      case F32 -> FloatBuffer.wrap(to).put(bytes.asFloatBuffer());
      case F16 -> {
        for (int i = 0; i < numbers; i++) {
          to[i] = Halves.toFloat(bytes.getShort(2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < numbers; i++) {
          to[i] = Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
        }
      }
      default -> throw new IllegalStateException(this + " does not hold weights");
    }
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
