package io.qwark.engine.gguf;

/** Turns consecutive blocks of a tensor type into numbers. */
@FunctionalInterface
interface BlockDecoder {
  /**
   * @param from holds the blocks' bytes from {@code at} on
   * @param to gets their numbers from {@code out} on
   */
  void decode(byte[] from, int at, int blocks, float[] to, int out);

  /** Decodes a single block. */
  @FunctionalInterface
  interface One {
    void decode(byte[] from, int at, float[] to, int out);
  }

  /** One block after the other, of so many numbers and bytes. */
  static BlockDecoder each(int numbers, int bytes, One one) {
    return (from, at, blocks, to, out) -> {
      for (int i = 0; i < blocks; i++) {
        one.decode(from, at + i * bytes, to, out + i * numbers);
      }
    };
  }
}
