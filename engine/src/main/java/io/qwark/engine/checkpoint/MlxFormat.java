package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * MLX's affine weights: {@code weight} {out, in * bits / 32} in unsigned words, codes without gaps
 * and low bits first, {@code scales} and {@code biases} {out, in / group_size}; the weight is
 * {@code code * scale + bias} (mlx.core.quantize). Embeddings and the output layer may be packed
 * too, and a layer may have an entry of its own under its name.
 */
final class MlxFormat implements QuantizedFormat {
  private static final Set<Integer> BITS = Set.of(2, 3, 4, 5, 6, 8);

  private record Packing(int bits, int groupSize) {}

  private final Packing usual;
  private final Map<String, Packing> own;

  private MlxFormat(Packing usual, Map<String, Packing> own) {
    this.usual = usual;
    this.own = own;
  }

  static MlxFormat of(Fields fields) {
    Packing usual = packing(fields);
    Map<String, Packing> own = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : fields.root().properties()) {
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        own.put(entry.getKey(), packing(fields.in(entry.getKey())));
      } else if (value.isBoolean()) {
        own.put(entry.getKey(), value.booleanValue() ? usual : null);
      }
    }
    return new MlxFormat(usual, own);
  }

  private static Packing packing(Fields fields) {
    QuantizedFormats.require(fields, "mode", "affine", "affine");
    int bits = fields.integer("bits", 1, 32);
    if (!BITS.contains(bits)) {
      throw Errors.unsupportedWeights(
          fields.file(), "its MLX weights have " + bits + " bits, and 2 to 6 and 8 are supported");
    }
    return new Packing(bits, fields.integer("group_size", 1, 1 << 20));
  }

  @Override
  public Set<String> parts() {
    return Set.of("scales", "biases");
  }

  @Override
  public Tensor weight(PackedLayer layer) {
    Packing packing = own.getOrDefault(layer.module(), usual);
    if (packing == null) {
      throw layer.wrong("it is quantized, and config.json says that it is not");
    }
    TensorEntry words = layer.take(PackedLayer.WEIGHT, DType.U32);
    TensorEntry scales = layer.take("scales", PackedLayer.FLOATS);
    TensorEntry biases = layer.take("biases", PackedLayer.FLOATS);
    layer.requireMatrix(words);
    layer.requireMatrix(scales);
    long width = Math.multiplyExact(scales.rowSize(), packing.groupSize());
    PackedMatrix matrix =
        layer.matrix(
            words.rowCount(),
            width,
            "MLX with " + packing.bits() + " bits, " + QuantizedFormats.label(packing.groupSize()));
    layer.requireShape(scales, words.rowCount(), scales.rowSize());
    layer.requireShape(biases, scales.shape());
    layer.requireShape(words, words.rowCount(), (width * packing.bits() + 31) / 32);
    return ScaledTensor.affine(
        matrix,
        new BitRowCodes(words, matrix.width(), packing.bits(), 0),
        Groups.consecutive(matrix.width(), packing.groupSize()),
        RowValues.rows(scales),
        RowValues.rows(biases));
  }
}
