package io.qwark.engine.checkpoint;

import java.util.Arrays;

/**
 * A tensor of a model, row-major, however its file holds the numbers. Reading is safe from several
 * threads.
 */
public interface Tensor {
  /** As Transformers names it, such as {@code model.layers.0.self_attn.q_proj.weight}. */
  String name();

  /** As Transformers has it, a copy: linear weights are {out, in}; empty for a scalar. */
  long[] shape();

  /** How the file holds it, for people: {@code BF16}, {@code Q4_K}. */
  String format();

  /**
   * The numbers of consecutive rows, exactly as the format defines them, rounded to float32.
   *
   * @param first index of the first row
   * @param to {@code count * rowSize()} numbers, filled from the start
   */
  void read(long first, int count, float[] to);

  /** Whether {@link #readInt8} gives the same numbers as {@link #read}. */
  default boolean int8Rows() {
    return false;
  }

  /**
   * The same as whole numbers, with one scale for each row.
   *
   * @param codes {@code count * rowSize()} numbers in -127..127
   * @param scales {@code count} numbers
   */
  default void readInt8(long first, int count, byte[] codes, float[] scales) {
    throw new UnsupportedOperationException(this + " has no 8-bit rows");
  }

  /** Number of elements. */
  default long size() {
    return Arrays.stream(shape()).reduce(1, Math::multiplyExact);
  }

  /** The first dimension; 1 for a scalar. */
  default long rowCount() {
    long[] shape = shape();
    return shape.length == 0 ? 1 : shape[0];
  }

  /** Elements of one step of the first dimension. */
  default long rowSize() {
    return Arrays.stream(shape()).skip(1).reduce(1, Math::multiplyExact);
  }
}
