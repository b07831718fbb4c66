package io.qwark.engine.checkpoint;

import java.util.List;
import java.util.Set;

/**
 * GPTQ weights as AutoGPTQ and GPTQModel write them: {@code qweight} {in / n, out}, {@code qzeros}
 * {groups, out / n}, {@code scales} {groups, out} and {@code g_idx} {in}, with n = 32 / bits codes
 * in a word, low bits first; the weight is {@code (code - zero) * scale}. The first version of the
 * format stores zeros less one ({@code checkpoint_format: gptq}), the second as they are.
 */
final class GptqFormat implements QuantizedFormat {
  private final int bits;
  private final int groupSize;
  private final boolean reordered;
  private final int zeroShift;

  private GptqFormat(int bits, int groupSize, boolean reordered, int zeroShift) {
    this.bits = bits;
    this.groupSize = groupSize;
    this.reordered = reordered;
    this.zeroShift = zeroShift;
  }

  static GptqFormat of(Fields fields) {
    int bits = fields.integer("bits", 1, 32);
    if (bits != 2 && bits != 4 && bits != 8) {
      throw Errors.unsupportedWeights(
          fields.file(), "its GPTQ weights have " + bits + " bits, and 2, 4 and 8 are supported");
    }
    String key = fields.get("checkpoint_format") == null ? "format" : "checkpoint_format";
    QuantizedFormats.require(fields, key, "gptq", "gptq", "gptq_v2");
    QuantizedFormats.require(fields, "pack_dtype", "int32", "int32");
    QuantizedFormats.refuse(fields, "is_marlin_format");
    QuantizedFormats.refuse(fields, "dynamic");
    QuantizedFormats.refuse(fields, "planar");
    boolean second = fields.text(key, "gptq").equalsIgnoreCase("gptq_v2");
    return new GptqFormat(
        bits,
        QuantizedFormats.groupSize(fields, "group_size"),
        fields.flag("desc_act", false),
        second ? 0 : 1);
  }

  @Override
  public Set<String> parts() {
    return Set.of("qweight", "qzeros", "scales", "g_idx");
  }

  /** AutoGPTQ's layers once had one always. */
  @Override
  public boolean addsBiases() {
    return true;
  }

  @Override
  public Tensor weight(PackedLayer layer) {
    TensorEntry words = layer.take("qweight", DType.I32);
    TensorEntry zeros = layer.take("qzeros", DType.I32);
    TensorEntry scales = layer.take("scales", PackedLayer.FLOATS);
    layer.requireMatrix(words);
    List.of(words, zeros, scales).forEach(layer::requireOnePiece);
    int each = 32 / bits;
    long rows = words.rowSize();
    PackedMatrix matrix =
        layer.matrix(
            rows,
            words.rowCount() * each,
            "GPTQ with " + bits + " bits, " + QuantizedFormats.label(groupSize));
    if (rows % each != 0) {
      throw layer.wrong("its " + rows + " outputs do not fill words of " + each);
    }
    Groups groups = layer.groups(matrix.width(), groupSize);
    layer.requireShape(zeros, groups.count(), rows / each);
    layer.requireShape(scales, groups.count(), rows);
    if (reordered || layer.has("g_idx")) {
      groups = layer.groups(groups, layer.take("g_idx", DType.I32), matrix.width());
    }
    return ScaledTensor.whole(
        matrix,
        new GptqCodes(words, bits),
        groups,
        RowValues.columns(scales),
        RowValues.packedColumns(zeros, each, row -> (int) row % each * bits, zeroShift));
  }
}
