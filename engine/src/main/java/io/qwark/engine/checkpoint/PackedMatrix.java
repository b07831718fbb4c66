package io.qwark.engine.checkpoint;

/**
 * What a quantized layer's tensors make together.
 *
 * @param name of the weight, as Transformers names it
 * @param rows outputs
 * @param width inputs
 * @param format for people
 */
record PackedMatrix(String name, long rows, int width, String format) {
  @Override
  public String toString() {
    return name + " " + format + " [" + rows + ", " + width + "]";
  }
}
