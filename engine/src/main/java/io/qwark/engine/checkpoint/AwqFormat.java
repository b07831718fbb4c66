package io.qwark.engine.checkpoint;

import java.util.List;
import java.util.Set;

/**
 * AWQ weights in AutoAWQ's gemm layout: {@code qweight} {in, out / 8}, {@code qzeros} {groups, out
 * / 8} and {@code scales} {groups, out}; see {@link AwqCodes}. The weight is {@code (code - zero) *
 * scale}.
 */
final class AwqFormat implements QuantizedFormat {
  private final int groupSize;

  private AwqFormat(int groupSize) {
    this.groupSize = groupSize;
  }

  static AwqFormat of(Fields fields) {
    int bits = fields.integer(fields.get("bits") == null ? "w_bit" : "bits", 1, 32);
    if (bits != 4) {
      throw Errors.unsupportedWeights(
          fields.file(), "its AWQ weights have " + bits + " bits, and 4 are supported");
    }
    String key =
        fields.get("version") != null
            ? "version"
            : fields.get("checkpoint_format") == null ? "format" : "checkpoint_format";
    QuantizedFormats.require(fields, key, "gemm", "gemm");
    if (!fields.flag("zero_point", true)) {
      throw Errors.unsupportedWeights(fields.file(), "its AWQ weights have no zero_point");
    }
    return new AwqFormat(
        QuantizedFormats.groupSize(
            fields, fields.get("group_size") == null ? "q_group_size" : "group_size"));
  }

  @Override
  public Set<String> parts() {
    return Set.of("qweight", "qzeros", "scales");
  }

  @Override
  public Tensor weight(PackedLayer layer) {
    TensorEntry words = layer.take("qweight", DType.I32);
    TensorEntry zeros = layer.take("qzeros", DType.I32);
    TensorEntry scales = layer.take("scales", PackedLayer.FLOATS);
    layer.requireMatrix(words);
    List.of(words, zeros, scales).forEach(layer::requireOnePiece);
    long rows = AwqCodes.EACH * words.rowSize();
    PackedMatrix matrix =
        layer.matrix(
            rows, words.rowCount(), "AWQ with 4 bits, " + QuantizedFormats.label(groupSize));
    Groups groups = layer.groups(matrix.width(), groupSize);
    layer.requireShape(zeros, groups.count(), words.rowSize());
    layer.requireShape(scales, groups.count(), rows);
    return ScaledTensor.whole(
        matrix,
        new AwqCodes(words),
        groups,
        RowValues.columns(scales),
        RowValues.packedColumns(zeros, AwqCodes.EACH, AwqCodes::shift, 0));
  }
}
