package io.qwark.engine.schedule;

import java.util.Arrays;

/**
 * The tokens of one sample, prompt first, and how far they have been computed. Only the {@link
 * Scheduler} changes where it lies in the cache.
 */
public final class Sequence {
  private final int promptLength;
  private final int maxLength;
  private int[] tokens;
  private int length;
  private int computed;
  private Extent extent;

  /**
   * @param prompt not empty
   * @param maxLength tokens of prompt and output together that it can come to
   */
  public Sequence(int[] prompt, int maxLength) {
    if (prompt.length == 0 || maxLength <= prompt.length) {
      throw new IllegalArgumentException(
          "a prompt of " + prompt.length + " tokens in a sequence of at most " + maxLength);
    }
    this.promptLength = prompt.length;
    this.maxLength = maxLength;
    this.tokens = Arrays.copyOf(prompt, Math.min(maxLength, prompt.length + 64));
    this.length = prompt.length;
  }

  public int promptLength() {
    return promptLength;
  }

  /** Tokens of prompt and output so far. */
  public int length() {
    return length;
  }

  public int generated() {
    return length - promptLength;
  }

  public boolean full() {
    return length == maxLength;
  }

  public int token(int index) {
    return tokens[index];
  }

  public void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.min(maxLength, 2 * length));
    }
    tokens[length++] = token;
  }

  /** The output tokens, a copy. */
  public int[] output() {
    return Arrays.copyOfRange(tokens, promptLength, length);
  }

  int maxLength() {
    return maxLength;
  }

  /** Tokens whose keys and values are in the cache. */
  int computed() {
    return computed;
  }

  void computed(int tokens) {
    computed = tokens;
  }

  Extent extent() {
    return extent;
  }

  void place(Extent where) {
    extent = where;
  }

  void lose() {
    extent = null;
    computed = 0;
  }
}
