package io.qwark.engine.schedule;

import java.util.Arrays;

/** The tokens of a prompt, and hashes by which its beginnings are found. */
final class HashedPrompt {
  /** Tokens that each hash goes further than the one before. */
  static final int BLOCK = 16;

  private final int[] tokens;

  /** The hash after each whole block; made when first asked for. */
  private long[] hashes;

  /**
   * @param tokens not copied
   */
  HashedPrompt(int[] tokens) {
    this.tokens = tokens;
  }

  int length() {
    return tokens.length;
  }

  /** A hash of all tokens up to the end of this block. */
  long hash(int block) {
    if (hashes == null) {
      hashes = chain(tokens);
    }
    return hashes[block];
  }

  /** How many tokens the two have in common from the beginning, at most so many. */
  int common(HashedPrompt other, int most) {
    int shorter = Math.min(most, Math.min(tokens.length, other.tokens.length));
    int mismatch = Arrays.mismatch(tokens, 0, shorter, other.tokens, 0, shorter);
    return mismatch < 0 ? shorter : mismatch;
  }

  /** The first so many tokens on their own. */
  HashedPrompt head(int length) {
    return length == tokens.length ? this : new HashedPrompt(Arrays.copyOf(tokens, length));
  }

  private static long[] chain(int[] tokens) {
    long[] hashes = new long[tokens.length / BLOCK];
    long hash = 0;
    for (int i = 0; i < hashes.length * BLOCK; i++) {
      // Knuth's multiplier for 64-bit linear congruential generators (MMIX); the shift brings what
      // was multiplied up back down. Chance collisions do no harm: tokens are compared in the end.
      hash = (hash ^ tokens[i]) * 6364136223846793005L + 1442695040888963407L;
      hash ^= hash >>> 29;
      if (i % BLOCK == BLOCK - 1) {
        hashes[i / BLOCK] = hash;
      }
    }
    return hashes;
  }
}
