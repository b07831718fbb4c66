package io.qwark.engine.schedule;

/**
 * Consecutive tokens of a sequence that a step computes.
 *
 * @param from index of the first token
 * @param count number of tokens
 * @param reachesEnd whether the last one is the sequence's last, so that the next is to be sampled
 */
public record Run(Sequence sequence, int from, int count, boolean reachesEnd) {
  /** Index after the last token. */
  public int end() {
    return from + count;
  }

  /** How many of its tokens are the prompt's. */
  public int promptTokens() {
    return Math.max(0, Math.min(count, sequence.promptLength() - from));
  }
}
