package io.qwark.engine.gguf;

import io.qwark.engine.checkpoint.RopeScaling;
import java.nio.file.Path;
import java.util.Set;

/** Scalings of the rotary embedding: metadata {@code rope.scaling.*}, and Llama 3's factors. */
final class GgufRope {
  /** All keys, after the architecture. */
  static final Set<String> KEYS =
      Set.of(
          "rope.scale_linear",
          "rope.scaling.type",
          "rope.scaling.factor",
          "rope.scaling.attn_factor",
          "rope.scaling.original_context_length",
          "rope.scaling.finetuned",
          "rope.scaling.yarn_beta_fast",
          "rope.scaling.yarn_beta_slow");

  private static final double MOST = 1e12;

  private final GgufParts parts;
  private final Path file;
  private final GgufMetadata metadata;
  private final String prefix;

  /**
   * @param prefix of the keys, such as {@code qwen3.rope.scaling.}
   */
  GgufRope(GgufParts parts, String prefix) {
    this.parts = parts;
    this.file = parts.path();
    this.metadata = parts.metadata();
    this.prefix = prefix;
  }

  /**
   * @param context the model's context length
   * @throws io.qwark.engine.api.UserException if the kind is unknown or a value out of its range
   */
  RopeScaling scaling(int context) {
    RopeScaling scaling = named(context);
    TensorInfo factors = parts.find(GgufNames.ROPE_FACTORS);
    if (factors == null) {
      return scaling;
    }
    if (scaling != RopeScaling.NONE) {
      throw unsupported("it has both " + GgufNames.ROPE_FACTORS + " and `" + prefix + "type`");
    }
    if (factors.type() != GgmlType.F32 || factors.size() > 1 << 12) {
      throw GgufErrors.tensor(file, factors.name(), "is no short list of F32 numbers");
    }
    float[] numbers = new float[(int) factors.size()];
    new GgufTensor(factors.name(), factors, RowOrder.FILES_OWN)
        .read(0, (int) factors.shape()[0], numbers);
    for (float number : numbers) {
      if (!(number > 0 && number <= MOST)) {
        throw GgufErrors.tensor(file, factors.name(), "holds " + number);
      }
    }
    return new RopeScaling.Divided(numbers);
  }

  private RopeScaling named(int context) {
    String type = metadata.text(prefix + "type", null);
    String old = prefix.replace("scaling.", "scale_linear");
    if (type == null && metadata.has(old)) {
      return linear(metadata.number(old, Double.MIN_VALUE, MOST));
    }
    return switch (type == null ? "none" : type) {
      case "none" -> RopeScaling.NONE;
      case "linear" -> linear(factor());
      case "yarn" -> yarn(context);
      default -> throw unsupported("its `" + prefix + "type` is " + GgufErrors.shown(type));
    };
  }

  private static RopeScaling linear(double factor) {
    return factor == 1 ? RopeScaling.NONE : new RopeScaling.Linear(factor);
  }

  /** As llama.cpp computes it (rope_yarn of ggml-cpu/ops.cpp), with the paper's magnitude. */
  private RopeScaling yarn(int context) {
    double factor = factor();
    double magnitude = RopeScaling.Yarn.magnitude(factor, 1);
    return new RopeScaling.Yarn(
        factor,
        metadata.integer(prefix + "original_context_length", 1, 1 << 28, context),
        metadata.number(prefix + "yarn_beta_fast", Double.MIN_VALUE, MOST, 32),
        metadata.number(prefix + "yarn_beta_slow", Double.MIN_VALUE, MOST, 1),
        magnitude * metadata.number(prefix + "attn_factor", Double.MIN_VALUE, MOST, 1),
        true);
  }

  private double factor() {
    return metadata.number(prefix + "factor", Double.MIN_VALUE, MOST);
  }

  private RuntimeException unsupported(String reason) {
    return GgufErrors.unsupported(
        file, reason, "Choose a model whose rotary embedding is plain, linear, YaRN or Llama 3's");
  }
}
