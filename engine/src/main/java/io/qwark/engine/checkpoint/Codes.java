package io.qwark.engine.checkpoint;

/** The stored numbers of a quantized matrix {out, in}, before scales. Safe for several threads. */
interface Codes {
  /**
   * Codes of consecutive rows of the matrix, as numbers.
   *
   * @param to {@code count * in} numbers, filled from the start
   */
  void read(long first, int count, float[] to);
}
