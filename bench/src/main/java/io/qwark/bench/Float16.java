package io.qwark.bench;

/** The half-precision format of IEEE 754, which Java 17 has no conversion to. */
final class Float16 {
  private static final int EXPONENT_BIAS_DIFFERENCE = 127 - 15;
  private static final int LARGEST_EXPONENT = 31;

  /** Bits by which a float's fraction is longer. */
  private static final int EXTRA_FRACTION = 23 - 10;

  private Float16() {}

  /** The nearest half, ties to even; what is too large becomes infinite. */
  static short bits(float value) {
    int bits = Float.floatToIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7FFF_FFFF;
    int exponent = (magnitude >>> 23) - EXPONENT_BIAS_DIFFERENCE;
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7E00);
    }
    if (exponent >= LARGEST_EXPONENT) {
      return (short) (sign | 0x7C00);
    }
    if (exponent > 0) {
      // Rounding up may carry into the exponent, which is then right as well.
      return (short) (sign | rounded(magnitude, EXTRA_FRACTION) - (EXPONENT_BIAS_DIFFERENCE << 10));
    }
    // A subnormal: the leading one, which a float does not store, is a bit of the fraction here.
    int shift = EXTRA_FRACTION + 1 - exponent;
    int fraction = magnitude & 0x7F_FFFF | 0x80_0000;
    return (short) (sign | (shift > 24 ? 0 : rounded(fraction, shift)));
  }

  private static int rounded(int value, int shift) {
    int half = 1 << shift - 1;
    int odd = value >>> shift & 1;
    return value + half - 1 + odd >>> shift;
  }
}
