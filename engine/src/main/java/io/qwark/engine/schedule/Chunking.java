package io.qwark.engine.schedule;

/**
 * Where prompts are cut for prefill. The cuts depend on the position alone, never on what else is
 * under way, since cutting elsewhere rounds attention differently.
 */
final class Chunking {
  /** Queries times keys of a chunk; bounds the attention mask to 64 MiB. */
  private static final int MAX_SCORES = 1 << 24;

  private static final int LARGEST = 512;
  private static final int SMALLEST = 16;

  private final int largest;

  /**
   * @param spareTokens what a step has room for beside one token of every running sequence; chunks
   *     are no longer, so that prompts always get on
   */
  Chunking(int spareTokens) {
    this.largest = Math.min(LARGEST, Integer.highestOneBit(Math.max(1, spareTokens)));
  }

  /** End of the chunk that begins at {@code from}: 0, the end of a chunk or of what was reused. */
  int end(int from, int promptLength) {
    return Math.min(promptLength, from + size(from));
  }

  /** Most tokens of a chunk. */
  int largest() {
    return largest;
  }

  /** End of the last chunk that fits into so many tokens without being cut short. */
  int whole(int tokens) {
    int end = 0;
    while (end + size(end) <= tokens) {
      end += size(end);
    }
    return end;
  }

  private int size(int from) {
    int size = largest;
    while (size > SMALLEST && (long) size * (from + size) > MAX_SCORES) {
      size /= 2;
    }
    return size;
  }
}
