package io.qwark.engine.gguf;

/**
 * The K types: blocks of 256 numbers in groups of 16 or 32, each with a scale (and offset) of few
 * bits that a scale of the whole block multiplies. Layouts and the order of operations, which
 * decides the last bit, are those of {@code gguf.quants.dequantize} (gguf-py).
 *
 * <p>Codes of 2 bits stand 32 bytes to 128 numbers: bits 0 and 1 of them are the first 32 numbers,
 * bits 2 and 3 the next.
 */
final class SuperBlocks {
  private static final int BLOCK = 256;

  private SuperBlocks() {}

  /** 16 scales and offsets of 4 bits each; 64 bytes of codes; scale of scales, of offsets. */
  static void q2(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at + 80);
    float least = PlainNumbers.half(from, at + 82);
    for (int group = 0; group < BLOCK / 16; group++) {
      int both = from[at + group];
      float groupScale = scale * (both & 15);
      float groupLeast = least * (both >> 4 & 15);
      int codes = at + 16 + twoBits(group);
      int shift = group % 8 / 2 * 2;
      for (int i = 0; i < 16; i++) {
        to[out + group * 16 + i] = groupScale * (from[codes + i] >> shift & 3) - groupLeast;
      }
    }
  }

  /** 32 bytes of third bits; 64 bytes of codes; 16 scales of 6 bits; scale of scales. */
  static void q3(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at + 108);
    for (int group = 0; group < BLOCK / 16; group++) {
      int low = from[at + 96 + group % 8] >> group / 8 * 4 & 15;
      int high = from[at + 104 + group % 4] >> group / 4 * 2 & 3;
      float groupScale = scale * ((low | high << 4) - 32);
      int codes = at + 32 + twoBits(group);
      int thirds = at + group % 2 * 16;
      int shift = group % 8 / 2 * 2;
      for (int i = 0; i < 16; i++) {
        // A third bit that is set means nothing to subtract.
        int third = from[thirds + i] >> group / 2 & 1 ^ 1;
        to[out + group * 16 + i] = groupScale * ((from[codes + i] >> shift & 3) - third * 4);
      }
    }
  }

  /** Scale of scales, of offsets; 8 scales and offsets of 6 bits; 128 bytes of codes. */
  static void q4(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    float least = PlainNumbers.half(from, at + 2);
    for (int group = 0; group < BLOCK / 32; group++) {
      float groupScale = scale * sixBits(from, at + 4, group, 0);
      float groupLeast = least * sixBits(from, at + 4, group, 4);
      int codes = at + 16 + group / 2 * 32;
      int shift = group % 2 * 4;
      for (int i = 0; i < 32; i++) {
        to[out + group * 32 + i] = groupScale * (from[codes + i] >> shift & 15) - groupLeast;
      }
    }
  }

  /** The same with 32 bytes of fifth bits before the codes. */
  static void q5(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at);
    float least = PlainNumbers.half(from, at + 2);
    for (int group = 0; group < BLOCK / 32; group++) {
      float groupScale = scale * sixBits(from, at + 4, group, 0);
      float groupLeast = least * sixBits(from, at + 4, group, 4);
      int codes = at + 48 + group / 2 * 32;
      int shift = group % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int code = from[codes + i] >> shift & 15 | (from[at + 16 + i] >> group & 1) << 4;
        to[out + group * 32 + i] = groupScale * code - groupLeast;
      }
    }
  }

  /** 128 bytes of low halves; 64 bytes of high 2 bits; 16 signed scales; scale of scales. */
  static void q6(byte[] from, int at, float[] to, int out) {
    float scale = PlainNumbers.half(from, at + 208);
    for (int group = 0; group < BLOCK / 16; group++) {
      float groupScale = scale * from[at + 192 + group];
      int lows = at + group / 8 * 64 + group % 4 * 16;
      int lowShift = group % 8 / 4 * 4;
      int highs = at + 128 + twoBits(group);
      int highShift = group % 8 / 2 * 2;
      for (int i = 0; i < 16; i++) {
        int low = from[lows + i] >> lowShift & 15;
        int high = from[highs + i] >> highShift & 3;
        to[out + group * 16 + i] = groupScale * ((low | high << 4) - 32);
      }
    }
  }

  /** Where the codes of 2 bits of a group of 16 begin. */
  private static int twoBits(int group) {
    return group / 8 * 32 + group % 2 * 16;
  }

  /**
   * One of 16 numbers of 6 bits in 12 bytes: those of the first four groups lie in the low bits of
   * bytes 0 to 7; the others have their low halves in bytes 8 to 11 and their high bits above the
   * first.
   *
   * @param offset 0 for scales, 4 for offsets
   */
  private static int sixBits(byte[] from, int at, int group, int offset) {
    if (group < 4) {
      return from[at + offset + group] & 63;
    }
    int low = from[at + 4 + group] >> offset & 15;
    return low | from[at + offset + group - 4] >> 2 & 0x30;
  }
}
