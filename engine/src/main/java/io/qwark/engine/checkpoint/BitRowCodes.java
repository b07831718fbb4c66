package io.qwark.engine.checkpoint;

/**
 * Codes of few bits that follow each other along a row without gaps, low bits first, in words that
 * are little-endian: MLX and compressed-tensors. What is left of a row's last word is not used.
 */
final class BitRowCodes implements Codes {
  private final TensorEntry words;
  private final int width;
  private final int bits;
  private final int middle;

  /**
   * @param words {out, ceil(width * bits / 32)}
   * @param width codes of a row
   * @param bits 1 to 8
   * @param middle is subtracted from each code
   */
  BitRowCodes(TensorEntry words, int width, int bits, int middle) {
    this.words = words;
    this.width = width;
    this.bits = bits;
    this.middle = middle;
  }

  @Override
  public void read(long first, int count, float[] to) {
    byte[] row = new byte[Math.toIntExact(words.rowBytes())];
    for (int r = 0; r < count; r++) {
      words.rows(first + r, 1).get(row);
      switch (bits) {
        case 4 -> nibbles(row, r * width, to);
        case 8 -> bytes(row, r * width, to);
        default -> any(row, r * width, to);
      }
    }
  }

  private void nibbles(byte[] row, int at, float[] to) {
    for (int i = 0; i < width / 2; i++) {
      to[at + 2 * i] = (row[i] & 0xF) - middle;
      to[at + 2 * i + 1] = (row[i] >> 4 & 0xF) - middle;
    }
    if (width % 2 == 1) {
      to[at + width - 1] = (row[width / 2] & 0xF) - middle;
    }
  }

  private void bytes(byte[] row, int at, float[] to) {
    for (int i = 0; i < width; i++) {
      to[at + i] = (row[i] & 0xFF) - middle;
    }
  }

  private void any(byte[] row, int at, float[] to) {
    int mask = (1 << bits) - 1;
    int held = 0;
    int window = 0;
    int next = 0;
    for (int i = 0; i < width; i++) {
      if (held < bits) {
        window |= (row[next++] & 0xFF) << held;
        held += 8;
      }
      to[at + i] = (window & mask) - middle;
      window >>>= bits;
      held -= bits;
    }
  }
}
