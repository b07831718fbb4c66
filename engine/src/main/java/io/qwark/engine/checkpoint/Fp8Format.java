package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * FP8 weights as in Qwen's and DeepSeek's releases ({@code quant_method: fp8}): E4M3 codes times
 * one {@code weight_scale_inv} for each block of {@code weight_block_size}; without blocks, one for
 * the whole weight or each row. The name notwithstanding, it is a factor (transformers,
 * integrations/finegrained_fp8.py).
 */
final class Fp8Format implements QuantizedFormat {
  private static final String INVERSE = "weight_scale_inv";
  private static final String SCALE = "weight_scale";

  /** How inputs are rounded, which is the engine's own business. */
  private static final Set<String> INPUT_SCALES = Set.of("input_scale", "activation_scale");

  private final int blockRows;
  private final int blockColumns;

  private Fp8Format(int blockRows, int blockColumns) {
    this.blockRows = blockRows;
    this.blockColumns = blockColumns;
  }

  static Fp8Format of(Fields fields) {
    QuantizedFormats.require(fields, "fmt", "e4m3", "e4m3", "float8_e4m3fn");
    JsonNode size = fields.get("weight_block_size");
    if (size == null) {
      return new Fp8Format(0, 0);
    }
    int[] block = block(fields, "weight_block_size", size);
    return new Fp8Format(block[0], block[1]);
  }

  static int[] block(Fields fields, String key, JsonNode size) {
    int[] block = new int[2];
    for (int i = 0; i < 2; i++) {
      JsonNode edge = size.path(i);
      if (size.size() != 2 || !edge.canConvertToInt() || edge.intValue() < 1) {
        throw fields.wrong(key, "is not two numbers above 0", size);
      }
      block[i] = edge.intValue();
    }
    return block;
  }

  @Override
  public Set<String> parts() {
    return Set.of(INVERSE, SCALE, "input_scale", "activation_scale");
  }

  @Override
  public Tensor weight(PackedLayer layer) {
    TensorEntry codes = layer.take(PackedLayer.WEIGHT, DType.F8_E4M3);
    String name = layer.has(SCALE) ? SCALE : INVERSE;
    TensorEntry scale = layer.take(name, PackedLayer.FLOATS);
    INPUT_SCALES.forEach(layer::pass);
    return blockRows == 0
        ? byRow(layer, codes, scale)
        : blocks(layer, codes, scale, blockRows, blockColumns);
  }

  static Tensor blocks(
      PackedLayer layer, TensorEntry codes, TensorEntry scale, int blockRows, int blockColumns) {
    layer.requireMatrix(codes);
    long rows = codes.rowCount();
    long width = codes.rowSize();
    PackedMatrix matrix =
        layer.matrix(rows, width, "FP8 in blocks of " + blockRows + "x" + blockColumns);
    // Edges may be far larger than the matrix.
    int across = (int) Math.min(blockColumns, width);
    layer.requireShape(scale, (rows - 1) / blockRows + 1, (width - 1) / across + 1);
    return ScaledTensor.floating(
        matrix,
        ByteCodes.e4m3(codes),
        Groups.consecutive((int) width, across),
        RowValues.blocks(scale, blockRows));
  }

  static Tensor byRow(PackedLayer layer, TensorEntry codes, TensorEntry scale) {
    layer.requireMatrix(codes);
    PackedMatrix matrix = layer.matrix(codes.rowCount(), codes.rowSize(), "FP8");
    return ScaledTensor.floating(
        matrix,
        ByteCodes.e4m3(codes),
        Groups.one(matrix.width()),
        oneEach(layer, scale, codes.rowCount()));
  }

  /** One number for each row, or one for all. */
  static RowValues oneEach(PackedLayer layer, TensorEntry entry, long rows) {
    if (entry.size() == 1) {
      return RowValues.of(entry);
    }
    if (entry.shape().length == 1) {
      layer.requireShape(entry, rows);
    } else {
      layer.requireShape(entry, rows, 1);
    }
    return RowValues.rows(entry);
  }
}
