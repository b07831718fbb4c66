package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What compressed-tensors says about the weights of some layers ({@code config_groups.*.weights}).
 *
 * @param layout pack-quantized, int-quantized or float-quantized
 * @param strategy tensor, channel, group or block: what shares a scale
 * @param groupSize inputs of a group, or 0
 * @param block rows and columns of a block, or null
 */
record CompressedScheme(
    Layout layout, int bits, boolean symmetric, String strategy, int groupSize, int[] block) {

  /** How codes are stored. */
  enum Layout {
    PACKED,
    BYTES,
    FLOATS
  }

  /**
   * @param group an entry of {@code config_groups}
   * @param formatOfAll what holds where the group names no format
   */
  static CompressedScheme of(Fields group, String formatOfAll) {
    QuantizedFormats.refuse(group, "output_activations");
    Fields weights = group.in("weights");
    int bits = weights.integer("num_bits", 1, 32);
    String type = weights.text("type", "int");
    Layout layout = layout(group, group.text("format", formatOfAll), type);
    boolean right =
        switch (layout) {
          case PACKED -> type.equals("int") && (bits == 4 || bits == 8);
          case BYTES -> type.equals("int") && bits == 8;
          case FLOATS -> type.equals("float") && bits == 8;
        };
    if (!right) {
      throw Errors.unsupportedWeights(
          group.file(),
          "a group of its layers has weights of type "
              + Errors.shown(type)
              + " with "
              + bits
              + " bits");
    }
    String strategy = weights.text("strategy", null);
    if (strategy == null) {
      strategy = weights.get("group_size") == null ? "tensor" : "group";
    }
    QuantizedFormats.require(weights, "strategy", strategy, "tensor", "channel", "group", "block");
    JsonNode structure = weights.get("block_structure");
    int size = weights.get("group_size") == null ? 0 : weights.integer("group_size", -1, 1 << 20);
    if (strategy.equals("group") && size == -1) {
      strategy = "channel";
    }
    if (strategy.equals("group") && size < 1 || strategy.equals("block") && structure == null) {
      throw Errors.damaged(group.file(), "it does not say how large a " + strategy + " is");
    }
    return new CompressedScheme(
        layout,
        bits,
        weights.flag("symmetric", true),
        strategy,
        size,
        strategy.equals("block") ? Fp8Format.block(weights, "block_structure", structure) : null);
  }

  private static Layout layout(Fields group, String format, String type) {
    return switch (format) {
      case "pack-quantized" -> Layout.PACKED;
      case "int-quantized" -> Layout.BYTES;
      case "float-quantized" -> Layout.FLOATS;
      case "naive-quantized" -> type.equals("float") ? Layout.FLOATS : Layout.BYTES;
      default ->
          throw Errors.unsupportedWeights(
              group.file(), "its compressed-tensors format is " + Errors.shown(format));
    };
  }

  /** For people. */
  String label() {
    String codes = layout == Layout.FLOATS ? "FP8" : "W" + bits;
    String scales =
        strategy.equals("group") ? "groups of " + groupSize : "a scale for each " + unit();
    return "compressed-tensors " + codes + ", " + scales;
  }

  private String unit() {
    return switch (strategy) {
      case "channel" -> "row";
      case "block" -> "block of " + block[0] + "x" + block[1];
      default -> strategy;
    };
  }
}
