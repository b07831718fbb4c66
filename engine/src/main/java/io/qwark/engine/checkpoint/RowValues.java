package io.qwark.engine.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongToIntFunction;

/** What a quantized matrix has for each group of a row: scales, zeros or biases. Thread-safe. */
interface RowValues {
  /**
   * @param row of the matrix
   * @param to one number for each group of that row
   */
  void read(long row, float[] to);

  /** The same number everywhere. */
  static RowValues of(TensorEntry single) {
    float number = number(single.rows(0, single.rowCount()), single.dtype(), 0);
    return (row, to) -> Arrays.fill(to, number);
  }

  /** From {out, groups}. */
  static RowValues rows(TensorEntry entry) {
    return blocks(entry, 1);
  }

  /** From {ceil(out / rows), groups}: one for several rows. */
  static RowValues blocks(TensorEntry entry, int rows) {
    DType dtype = entry.dtype();
    return (row, to) -> {
      ByteBuffer bytes = entry.rows(row / rows, 1);
      for (int group = 0; group < to.length; group++) {
        to[group] = number(bytes, dtype, group);
      }
    };
  }

  /** From {groups, out}. */
  static RowValues columns(TensorEntry entry) {
    ByteBuffer bytes = entry.rows(0, entry.rowCount());
    DType dtype = entry.dtype();
    int columns = (int) entry.rowSize();
    return (row, to) -> {
      for (int group = 0; group < to.length; group++) {
        to[group] = number(bytes, dtype, group * columns + (int) row);
      }
    };
  }

  /**
   * Of a {@code qzeros}, words {groups, out / each} of which each holds the numbers of so many
   * rows.
   *
   * @param shift where in its word a row's number begins
   * @param plus is added to each number
   */
  static RowValues packedColumns(TensorEntry entry, int each, LongToIntFunction shift, int plus) {
    ByteBuffer words = entry.rows(0, entry.rowCount());
    int mask = (int) ((1L << Integer.SIZE / each) - 1);
    int columns = (int) entry.rowSize();
    return (row, to) -> {
      int column = (int) row / each;
      int low = shift.applyAsInt(row);
      for (int group = 0; group < to.length; group++) {
        int word = words.getInt(Integer.BYTES * (group * columns + column));
        to[group] = (word >>> low & mask) + plus;
      }
    };
  }

  private static float number(ByteBuffer bytes, DType dtype, int index) {
    return switch (dtype) {
      case F32 -> bytes.getFloat(Float.BYTES * index);
      case F16 -> Halves.toFloat(bytes.getShort(Short.BYTES * index));
      case BF16 -> Float.intBitsToFloat(bytes.getShort(Short.BYTES * index) << 16);
      case I8 -> bytes.get(index);
      default -> throw new IllegalStateException("a scale or zero of type " + dtype);
    };
  }
}
