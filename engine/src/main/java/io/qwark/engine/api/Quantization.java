package io.qwark.engine.api;

/**
 * How a replica holds its linear weights and multiplies with them. On GPUs embedding and output
 * layer stay in bfloat16 whatever the rest is held in, and so does all that flows between layers,
 * but for float32.
 */
public enum Quantization implements WireName {
  /** Float32 on CPUs, bfloat16 on GPUs. */
  AUTO("auto"),
  /** Weights and activations in float32; on GPUs for comparison, not for speed. */
  FLOAT32("float32"),
  /** Weights and activations in bfloat16, as most models were trained. */
  BFLOAT16("bfloat16"),
  /** 8-bit weights, one scale a channel; 8-bit activations, one scale a token (W8A8). */
  INT8("int8"),
  /** The same in 8-bit floating-point numbers (E4M3); GPUs only. */
  FP8("fp8"),
  /**
   * 4-bit weights, a step and a base for each 32 of a row; on CPUs the output layer is held in int8
   * unless {@link LmHeadQuantization} says otherwise. Native kernels multiply with 8-bit
   * activations (W4A8), stock operators with bfloat16 ones (W4A16), which on CPUs are slow. For
   * memory, and for speed where few samples run at once.
   */
  INT4("int4");

  private final String wireName;

  Quantization(String wireName) {
    this.wireName = wireName;
  }

  @Override
  public String wireName() {
    return wireName;
  }

  /**
   * @throws UserException if the name is unknown
   */
  public static Quantization of(String name) {
    return WireName.find(values(), name, "quantize to", "a quantization");
  }
}
