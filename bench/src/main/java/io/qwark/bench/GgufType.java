package io.qwark.bench;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Tensor types of the GGUF format that the benchmark writes. Numbers and layouts of blocks are
 * those of ggml (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): 32 weights that follow
 * each other in a row share one scale, a half-precision number before them.
 */
enum GgufType {
  F32(0, 0, 4),
  /** The scale and 32 signed bytes. */
  Q8_0(8, 7, 2 + 32),
  /** The scale and 32 numbers of 4 bits, 8 standing for zero. */
  Q4_0(2, 2, 2 + 16);

  /** Weights that share a scale. */
  static final int BLOCK = 32;

  final int id;

  /** What {@code general.file_type} says of a file whose matrices are of this type. */
  final int fileType;

  private final int unitBytes;

  GgufType(int id, int fileType, int unitBytes) {
    this.id = id;
    this.fileType = fileType;
    this.unitBytes = unitBytes;
  }

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of so many weights; of whole blocks, where the type has them. */
  long bytes(long weights) {
    return this == F32 ? weights * unitBytes : Math.multiplyExact(weights / BLOCK, unitBytes);
  }

  /**
   * Writes one block.
   *
   * @param weights {@link #BLOCK} of them
   */
  void encode(float[] weights, ByteBuffer out) {
    switch (this) {
      case F32 -> {
        for (float weight : weights) {
          out.putFloat(weight);
        }
      }
      case Q8_0 -> encode8(weights, out);
      case Q4_0 -> encode4(weights, out);
    }
  }

  private static void encode8(float[] weights, ByteBuffer out) {
    float largest = 0;
    for (float weight : weights) {
      largest = Math.max(largest, Math.abs(weight));
    }
    float scale = largest / Byte.MAX_VALUE;
    float inverse = scale == 0 ? 0 : 1 / scale;
    out.putShort(Float16.bits(scale));
    for (float weight : weights) {
      out.put((byte) Math.round(weight * inverse));
    }
  }

  private static void encode4(float[] weights, ByteBuffer out) {
    float largest = 0;
    for (float weight : weights) {
      largest = Math.abs(weight) > Math.abs(largest) ? weight : largest;
    }
    // Four bits reach from -8 to 7: the largest is to be the -8, whatever its sign.
    float scale = largest / -8;
    float inverse = scale == 0 ? 0 : 1 / scale;
    out.putShort(Float16.bits(scale));
    int half = BLOCK / 2;
    for (int i = 0; i < half; i++) {
      out.put((byte) (nibble(weights[i] * inverse) | nibble(weights[half + i] * inverse) << 4));
    }
  }

  private static int nibble(float scaled) {
    return Math.min(15, Math.round(scaled) + 8);
  }
}
