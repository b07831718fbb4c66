package io.qwark.engine.api;

/** How a replica holds its linear weights and multiplies with them. */
public enum Quantization implements WireName {
  /** Weights and activations in float32. */
  FLOAT32("float32"),
  /** 8-bit weights, one scale a channel; 8-bit activations, one scale a token (W8A8). */
  INT8("int8"),
  /**
   * 4-bit weights, a step and a base for each 32 of a row; the output layer is held as in int8.
   * Native kernels multiply with 8-bit activations (W4A8), stock operators with bfloat16 ones
   * (W4A16), which are slow. For memory, and for speed where few samples run at once.
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
