package io.qwark.engine.api;

/** Which operators a model's program is made of. */
public enum Kernels implements WireName {
  /**
   * Native ones where they were built, fit the processor and serve the quantization; else stock.
   */
  AUTO("auto"),
  /** Operators of PyTorch alone. */
  STOCK("stock"),
  /** The operators of this project; refused where they cannot serve. */
  NATIVE("native");

  private final String wireName;

  Kernels(String wireName) {
    this.wireName = wireName;
  }

  @Override
  public String wireName() {
    return wireName;
  }

  /**
   * @throws UserException if the name is unknown
   */
  public static Kernels of(String name) {
    return WireName.find(values(), name, "compute with", "a kind of kernels");
  }
}
