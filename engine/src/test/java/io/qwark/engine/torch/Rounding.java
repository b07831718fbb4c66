package io.qwark.engine.torch;

/** What rounding makes of numbers, written out for tests. */
final class Rounding {
  /** Weights of a row that share a scale and a middle. */
  private static final int GROUP = 32;

  private Rounding() {}

  /** What a row is held as in int4: sixteen values from the least of a group to the largest. */
  static double[] int4(float[] row) {
    double[] held = new double[row.length];
    for (int start = 0; start < row.length; start += GROUP) {
      float least = row[start];
      float most = least;
      for (int i = start; i < start + GROUP; i++) {
        least = Math.min(least, row[i]);
        most = Math.max(most, row[i]);
      }
      float step = bfloat16(Math.max((most - least) / 15, 1e-12f));
      float middle = bfloat16(least + step * 8);
      for (int i = start; i < start + GROUP; i++) {
        double code = Math.max(-8, Math.min(7, Math.rint((row[i] - middle) / step)));
        held[i] = code * step + middle;
      }
    }
    return held;
  }

  /** To the nearest, ties to even. */
  static float bfloat16(float number) {
    int bits = Float.floatToIntBits(number);
    return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
  }
}
