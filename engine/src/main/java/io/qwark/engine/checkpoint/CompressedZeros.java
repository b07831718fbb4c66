package io.qwark.engine.checkpoint;

import java.nio.ByteBuffer;

/** Zero points of compressed-tensors: plain bytes, or packed like codes but down a column. */
final class CompressedZeros {
  private CompressedZeros() {}

  static RowValues of(
      PackedLayer layer, TensorEntry zero, CompressedScheme scheme, TensorEntry scale, long rows) {
    if (zero.dtype() == DType.I8) {
      layer.requireShape(zero, scale.shape());
      return zero.size() == 1 ? RowValues.of(zero) : RowValues.rows(zero);
    }
    int bits = scheme.bits();
    int each = 32 / bits;
    int middle = 1 << bits - 1;
    int mask = (1 << bits) - 1;
    int groups = (int) (scale.shape().length == 2 ? scale.rowSize() : 1);
    layer.requireShape(zero, (rows + each - 1) / each, groups);
    layer.requireOnePiece(zero);
    ByteBuffer words = zero.rows(0, zero.rowCount());
    return (row, to) -> {
      int at = Integer.BYTES * ((int) (row / each) * groups);
      int low = (int) (row % each) * bits;
      for (int group = 0; group < to.length; group++) {
        to[group] = (words.getInt(at + Integer.BYTES * group) >>> low & mask) - middle;
      }
    };
  }
}
