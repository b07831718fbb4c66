package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** Chooses how quantized layers are read from what {@code config.json} says. */
final class QuantizedFormats {
  static final String SUPPORTED =
      "FP8 (e4m3), GPTQ (2, 4 or 8 bits), AWQ (4 bits, gemm), compressed-tensors (pack-quantized"
          + " with 4 or 8 bits, int-quantized, float-quantized) or MLX (affine)";

  private QuantizedFormats() {}

  /**
   * @param config a {@code config.json}
   * @return null if nothing is quantized
   * @throws io.qwark.engine.api.UserException if the method is unknown or a value out of its range
   */
  static QuantizedFormat of(Fields config) {
    if (config.get("quantization") != null) {
      // MLX writes the same under quantization_config as well.
      return MlxFormat.of(config.in("quantization"));
    }
    if (config.get("quantization_config") == null) {
      return null;
    }
    Fields fields = config.in("quantization_config");
    String method = fields.text("quant_method", null);
    if (method == null) {
      if (fields.get("bits") != null && fields.get("group_size") != null) {
        return MlxFormat.of(fields);
      }
      throw Errors.unsupportedWeights(
          config.file(), "its quantization_config names no quant_method");
    }
    return switch (method.toLowerCase(Locale.ROOT)) {
      case "fp8" -> Fp8Format.of(fields);
      case "gptq" -> GptqFormat.of(fields);
      case "awq" -> AwqFormat.of(fields);
      case "compressed-tensors" -> CompressedFormat.of(fields);
      default ->
          throw Errors.unsupportedWeights(
              config.file(), "its weights are quantized with " + Errors.shown(method));
    };
  }

  /** Requires one of few values of a key that says how weights are laid out. */
  static void require(Fields fields, String key, String otherwise, String... known) {
    String value = fields.text(key, otherwise);
    for (String one : known) {
      if (one.equalsIgnoreCase(value)) {
        return;
      }
    }
    throw Errors.unsupportedWeights(
        fields.file(),
        "its " + key + " is " + Errors.shown(value) + " and not " + String.join(" or ", known));
  }

  /** Refuses a key that would change what the weights mean. */
  static void refuse(Fields fields, String key) {
    JsonNode value = fields.get(key);
    if (value == null || value.isContainerNode() && value.isEmpty()) {
      return;
    }
    if (!(value.isBoolean() && !value.booleanValue())) {
      throw Errors.unsupportedWeights(
          fields.file(), "its " + key + " is " + Errors.shown(value.toString()));
    }
  }

  /** A number of inputs that share a scale, or -1 for all. */
  static int groupSize(Fields fields, String key) {
    int size = fields.integer(key, -1, 1 << 20);
    if (size == 0) {
      throw fields.wrong(key, "is no size of a group", fields.get(key));
    }
    return size;
  }

  static String label(int groupSize) {
    return groupSize == -1 ? "a scale for each row" : "groups of " + groupSize;
  }
}
