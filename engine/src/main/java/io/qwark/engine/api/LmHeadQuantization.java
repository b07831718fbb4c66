package io.qwark.engine.api;

/**
 * How a replica on a CPU holds its output layer, the weight whose products are the scores of all
 * tokens. On GPUs it stays as the embedding is, which {@link #AUTO} alone leaves it.
 */
public enum LmHeadQuantization implements WireName {
  /** In int8 beside int8 and int4; else as the other weights are held. */
  AUTO("auto"),
  /** As in {@link Quantization#INT8}; beside int8 and int4. */
  INT8("int8"),
  /**
   * As in {@link Quantization#INT4}; beside int4, with native kernels only. A model of 0.6 billion
   * weights with Qwen3's vocabulary takes a sixth less memory, and steps of few samples, which wait
   * for memory, become faster. Nothing comes after this layer that would even its errors out: what
   * that costs depends on the model and can be more than 4 bits everywhere else, see section 1 of
   * bench/RESULTS.md.
   */
  INT4("int4");

  private final String wireName;

  LmHeadQuantization(String wireName) {
    this.wireName = wireName;
  }

  @Override
  public String wireName() {
    return wireName;
  }

  /**
   * @throws UserException if the name is unknown
   */
  public static LmHeadQuantization of(String name) {
    return WireName.find(
        values(), name, "hold the output layer in", "a quantization of output layers");
  }

  /**
   * Checks that there are models with such an output layer whose other weights are held so.
   *
   * @throws UserException if there are none on any device
   */
  public void checkBeside(Quantization quantization) {
    boolean fits =
        switch (this) {
          case AUTO -> true;
          case INT8 -> quantization == Quantization.INT8 || quantization == Quantization.INT4;
          case INT4 -> quantization == Quantization.INT4;
        };
    if (!fits) {
      String others = this == INT8 ? "int8 or int4" : "int4";
      throw new UserException(
          "Cannot hold the output layer in " + wireName,
          "`quantization` is "
              + quantization.wireName()
              + ", and such an output layer goes with "
              + others,
          "Set `lm_head_quantization` to auto, or `quantization` to " + others);
    }
  }
}
