package io.qwark.engine.checkpoint;

/** IEEE 754 half-precision numbers. */
public final class Halves {
  private Halves() {}

  /** The same number in float32, exactly. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      // Zero or subnormal: a multiple of 2^-24, which float32 holds exactly.
      return Float.intBitsToFloat(Float.floatToRawIntBits(fraction * 0x1p-24f) | sign);
    }
    int bits = exponent == 31 ? 0x7F800000 : exponent + 112 << 23;
    return Float.intBitsToFloat(sign | bits | fraction << 13);
  }
}
