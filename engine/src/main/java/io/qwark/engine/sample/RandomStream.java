package io.qwark.engine.sample;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The random numbers of one sample. The n-th number is a function of (seed, prompt, sample index,
 * n) alone: no state is carried along, so a sample that is computed anew, elsewhere or in another
 * batch, draws the same numbers.
 */
public final class RandomStream {
  /** 2^64 divided by the golden ratio, the increment of SplitMix64. */
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long key;

  private RandomStream(long key) {
    this.key = key;
  }

  /** The stream whose key is the first 8 bytes of SHA-256 over seed, index and prompt tokens. */
  public static RandomStream of(long seed, int[] promptTokenIds, int sampleIndex) {
    ByteBuffer bytes = ByteBuffer.allocate(12 + 4 * promptTokenIds.length);
    bytes.putLong(seed).putInt(sampleIndex);
    for (int token : promptTokenIds) {
      bytes.putInt(token);
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
      return new RandomStream(ByteBuffer.wrap(digest).getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** The n-th number, uniform in [0, 1), with 53 random bits. */
  public double uniform(int n) {
    return (mix(key + (n + 1L) * GOLDEN_GAMMA) >>> 11) * 0x1.0p-53;
  }

  /** The output function of SplitMix64 (Steele, Lea, Flood: Fast splittable generators, 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
