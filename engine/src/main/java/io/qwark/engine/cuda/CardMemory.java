package io.qwark.engine.cuda;

/**
 * The memory of a card in bytes.
 *
 * @param free that no process holds; what this process needs for being on the card at all is taken
 *     off already
 */
public record CardMemory(long total, long free) {
  /**
   * What is free is not taken to the last byte: libtorch's allocator leaves gaps, and the code of
   * kernels comes onto the card when they are first used.
   */
  private static final double MOST_OF_FREE = 0.95;

  /**
   * Bytes that a replica may take.
   *
   * @param utilization part of the whole that it may take at most
   */
  public long mayTake(double utilization) {
    return Math.min((long) (total * utilization), (long) (free * MOST_OF_FREE));
  }
}
