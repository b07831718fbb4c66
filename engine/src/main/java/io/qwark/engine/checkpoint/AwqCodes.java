package io.qwark.engine.checkpoint;

import java.nio.ByteBuffer;

/**
 * AWQ's codes in the gemm layout: words {in, out / 8} of eight 4-bit neighbours along a row, which
 * lie in a word in the order 0, 2, 4, 6, 1, 3, 5, 7 from its lowest bits.
 */
final class AwqCodes implements Codes {
  static final int EACH = 8;

  /** Inputs that are gone through for all rows before the next: they fit the nearest caches. */
  private static final int TILE = 64;

  private static final int[] SHIFTS = {0, 16, 4, 20, 8, 24, 12, 28};

  private final ByteBuffer words;
  private final int width;
  private final int packedColumns;

  AwqCodes(TensorEntry words) {
    this.words = words.rows(0, words.rowCount());
    this.width = (int) words.rowCount();
    this.packedColumns = (int) words.rowSize();
  }

  @Override
  public void read(long first, int count, float[] to) {
    for (int tile = 0; tile < width; tile += TILE) {
      int end = Math.min(width, tile + TILE);
      for (int r = 0; r < count; r++) {
        int column = (int) (first + r) / EACH;
        int shift = shift(first + r);
        for (int i = tile; i < end; i++) {
          int word = words.getInt(Integer.BYTES * (i * packedColumns + column));
          to[r * width + i] = word >>> shift & 0xF;
        }
      }
    }
  }

  /** Where the code of an output lies in its word. */
  static int shift(long output) {
    return SHIFTS[(int) (output % EACH)];
  }
}
