package io.qwark.engine.checkpoint;

/** Codes of one byte each, row-major. */
final class ByteCodes implements Codes {
  private static final int BYTES = 256;

  private final TensorEntry entry;
  private final float[] meanings;

  private ByteCodes(TensorEntry entry, float[] meanings) {
    this.entry = entry;
    this.meanings = meanings;
  }

  /** Two's complement. */
  static ByteCodes signed(TensorEntry entry) {
    float[] meanings = new float[BYTES];
    for (int code = 0; code < BYTES; code++) {
      meanings[code] = (byte) code;
    }
    return new ByteCodes(entry, meanings);
  }

  /**
   * FP8 E4M3 in the variant without infinities (OCP 8-bit Floating Point Specification 1.0, table
   * 1): sign, 4 bits of exponent with bias 7, 3 of fraction; all of them set is NaN.
   */
  static ByteCodes e4m3(TensorEntry entry) {
    float[] meanings = new float[BYTES];
    for (int code = 0; code < BYTES; code++) {
      int exponent = code >> 3 & 0xF;
      int fraction = code & 7;
      float magnitude =
          exponent == 0
              ? Math.scalb((float) fraction, -9)
              : Math.scalb((float) (8 + fraction), exponent - 10);
      magnitude = (code & 0x7F) == 0x7F ? Float.NaN : magnitude;
      meanings[code] = code < 0x80 ? magnitude : -magnitude;
    }
    return new ByteCodes(entry, meanings);
  }

  @Override
  public void read(long first, int count, float[] to) {
    byte[] row = new byte[Math.toIntExact(entry.rowSize())];
    int at = 0;
    for (int r = 0; r < count; r++) {
      entry.rows(first + r, 1).get(row);
      for (byte code : row) {
        to[at++] = meanings[code & 0xFF];
      }
    }
  }
}
