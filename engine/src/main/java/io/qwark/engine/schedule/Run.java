package io.qwark.engine.schedule;

/**
 * Consecutive tokens of a sequence that a step computes.
 *
 * @param from index of the first token
 * @param count number of tokens
 * @param reachesEnd whether the last one is the sequence's last, so that the next is to be sampled
 */
public record Run(Sequence sequence, int from, int count, boolean reachesEnd) {
  int end() {
    return from + count;
  }
}
