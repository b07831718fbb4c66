package io.qwark.engine.gguf;

/**
 * Blocks of 32 numbers with one scale each, and an offset where the name ends in 1. Layouts and the
 * order of operations, which decides the last bit, are those of {@code gguf.quants.dequantize}
 * (gguf-py).
 */
final class SmallBlocks {
  private static final int HALF = 16;

  private SmallBlocks() {}

  /** Scale; 16 bytes whose low halves are the first 16 numbers and whose high halves the others. */
  static void q40(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    for (int i = 0; i < HALF; i++) {
      int both = from[at + 2 + i];
      to[out + i] = scale * ((both & 15) - 8);
      to[out + HALF + i] = scale * ((both >> 4 & 15) - 8);
    }
  }

  /** Scale, least value; 16 bytes as above. */
  static void q41(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    float least = PlainNumbers.half(from, at + 2);
    for (int i = 0; i < HALF; i++) {
      int both = from[at + 4 + i];
      to[out + i] = scale * (both & 15) + least;
      to[out + HALF + i] = scale * (both >> 4 & 15) + least;
    }
  }

  /** Scale; 32 fifth bits; 16 bytes as above. */
  static void q50(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    int high = PlainNumbers.int32(from, at + 2);
    for (int i = 0; i < HALF; i++) {
      int both = from[at + 6 + i];
      to[out + i] = scale * ((both & 15 | (high >>> i & 1) << 4) - 16);
      to[out + HALF + i] = scale * ((both >> 4 & 15 | (high >>> HALF + i & 1) << 4) - 16);
    }
  }

  /** Scale, least value; 32 fifth bits; 16 bytes as above. */
  static void q51(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    float least = PlainNumbers.half(from, at + 2);
    int high = PlainNumbers.int32(from, at + 4);
    for (int i = 0; i < HALF; i++) {
      int both = from[at + 8 + i];
      to[out + i] = scale * (both & 15 | (high >>> i & 1) << 4) + least;
      to[out + HALF + i] = scale * (both >> 4 & 15 | (high >>> HALF + i & 1) << 4) + least;
    }
  }

  /** Scale; 32 signed bytes. */
  static void q80(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    for (int i = 0; i < 2 * HALF; i++) {
      to[out + i] = scale * from[at + 2 + i];
    }
  }
}
