package io.qwark.engine.checkpoint;

import java.util.stream.LongStream;

/**
 * A quantized matrix: {@code (code - zero) * scale}, or {@code code * scale + bias}, where each
 * group of a row has its own scale and zero or bias. Computed in float32, each operation rounded.
 */
final class ScaledTensor implements Tensor {
  private static final int INT8 = 127;

  /** Numbers that are looked at together when codes are checked. */
  private static final int PART = 1 << 16;

  private final PackedMatrix matrix;
  private final int width;
  private final Codes codes;
  private final Groups groups;
  private final RowValues scales;
  private final RowValues zeros;
  private final RowValues biases;
  private final boolean wholeCodes;
  private volatile Boolean int8Rows;

  private ScaledTensor(
      PackedMatrix matrix,
      Codes codes,
      Groups groups,
      RowValues scales,
      RowValues zeros,
      RowValues biases,
      boolean wholeCodes) {
    this.matrix = matrix;
    this.width = matrix.width();
    this.codes = codes;
    this.groups = groups;
    this.scales = scales;
    this.zeros = zeros;
    this.biases = biases;
    this.wholeCodes = wholeCodes;
  }

  /** Of a layer that holds whole numbers; {@code zeros} may be null for none. */
  static ScaledTensor whole(
      PackedMatrix matrix, Codes codes, Groups groups, RowValues scales, RowValues zeros) {
    return new ScaledTensor(matrix, codes, groups, scales, zeros, null, true);
  }

  /** Of a layer that holds small floating-point numbers. */
  static ScaledTensor floating(PackedMatrix matrix, Codes codes, Groups groups, RowValues scales) {
    return new ScaledTensor(matrix, codes, groups, scales, null, null, false);
  }

  /** {@code code * scale + bias}. */
  static ScaledTensor affine(
      PackedMatrix matrix, Codes codes, Groups groups, RowValues scales, RowValues biases) {
    return new ScaledTensor(matrix, codes, groups, scales, null, biases, false);
  }

  @Override
  public String name() {
    return matrix.name();
  }

  @Override
  public long[] shape() {
    return new long[] {matrix.rows(), width};
  }

  @Override
  public String format() {
    return matrix.format();
  }

  @Override
  public void read(long first, int count, float[] to) {
    requireRows(first, count);
    codes.read(first, count, to);
    float[] scale = new float[groups.count()];
    float[] shift = new float[groups.count()];
    for (int r = 0; r < count; r++) {
      scales.read(first + r, scale);
      if (biases != null) {
        biases.read(first + r, shift);
        affine(to, r * width, scale, shift);
      } else {
        if (zeros != null) {
          zeros.read(first + r, shift);
        }
        scaled(to, r * width, scale, shift);
      }
    }
  }

  private void scaled(float[] to, int at, float[] scale, float[] zero) {
    int[] index = groups.index();
    if (index != null) {
      for (int i = 0; i < width; i++) {
        to[at + i] = (to[at + i] - zero[index[i]]) * scale[index[i]];
      }
      return;
    }
    for (int group = 0; group < scale.length; group++) {
      float z = zero[group];
      float s = scale[group];
      int end = at + Math.min(width, (group + 1) * groups.size());
      for (int i = at + group * groups.size(); i < end; i++) {
        to[i] = (to[i] - z) * s;
      }
    }
  }

  private void affine(float[] to, int at, float[] scale, float[] bias) {
    for (int group = 0; group < scale.length; group++) {
      float b = bias[group];
      float s = scale[group];
      int end = at + Math.min(width, (group + 1) * groups.size());
      for (int i = at + group * groups.size(); i < end; i++) {
        to[i] = to[i] * s + b;
      }
    }
  }

  /** Whether one scale holds for each row and codes fit; the first call reads all codes. */
  @Override
  public boolean int8Rows() {
    Boolean known = int8Rows;
    if (known == null) {
      known = wholeCodes && groups.count() == 1 && codesFit();
      int8Rows = known;
    }
    return known;
  }

  private boolean codesFit() {
    long rows = matrix.rows();
    int step = Math.max(1, PART / width);
    return LongStream.range(0, (rows + step - 1) / step)
        .parallel()
        .allMatch(
            part -> {
              int count = (int) Math.min(step, rows - part * step);
              float[] whole = new float[count * width];
              readWhole(part * step, count, whole);
              for (float code : whole) {
                if (Math.abs(code) > INT8) {
                  return false;
                }
              }
              return true;
            });
  }

  @Override
  public void readInt8(long first, int count, byte[] to, float[] rowScales) {
    if (!int8Rows()) {
      throw new UnsupportedOperationException(this + " has no 8-bit rows");
    }
    requireRows(first, count);
    float[] whole = new float[Math.multiplyExact(count, width)];
    readWhole(first, count, whole);
    for (int i = 0; i < whole.length; i++) {
      to[i] = (byte) whole[i];
    }
    float[] scale = new float[1];
    for (int r = 0; r < count; r++) {
      scales.read(first + r, scale);
      rowScales[r] = scale[0];
    }
  }

  /** Codes less zeros, where rows are not divided. */
  private void readWhole(long first, int count, float[] to) {
    codes.read(first, count, to);
    if (zeros == null) {
      return;
    }
    float[] zero = new float[1];
    for (int r = 0; r < count; r++) {
      zeros.read(first + r, zero);
      for (int i = r * width; i < (r + 1) * width; i++) {
        to[i] -= zero[0];
      }
    }
  }

  private void requireRows(long first, int count) {
    if (first < 0 || count < 0 || first > matrix.rows() - count) {
      throw new IllegalArgumentException(
          "Cannot take " + count + " rows from " + first + " of " + this);
    }
  }

  @Override
  public String toString() {
    return matrix.toString();
  }
}
