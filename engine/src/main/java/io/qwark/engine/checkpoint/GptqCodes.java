package io.qwark.engine.checkpoint;

import java.nio.ByteBuffer;

/**
 * GPTQ's codes: words {in / n, out}, each of which holds n = 32 / bits neighbours of one column,
 * the first in its lowest bits.
 */
final class GptqCodes implements Codes {
  private final ByteBuffer words;
  private final int packedRows;
  private final int columns;
  private final int bits;

  GptqCodes(TensorEntry words, int bits) {
    this.words = words.rows(0, words.rowCount());
    this.packedRows = (int) words.rowCount();
    this.columns = (int) words.rowSize();
    this.bits = bits;
  }

  @Override
  public void read(long first, int count, float[] to) {
    int each = 32 / bits;
    int mask = (1 << bits) - 1;
    int width = packedRows * each;
    for (int packed = 0; packed < packedRows; packed++) {
      int from = Integer.BYTES * (packed * columns + (int) first);
      for (int r = 0; r < count; r++) {
        int word = words.getInt(from + Integer.BYTES * r);
        int at = r * width + packed * each;
        for (int i = 0; i < each; i++) {
          to[at + i] = word >>> bits * i & mask;
        }
      }
    }
  }
}
