package io.qwark.engine.schedule;

/**
 * Consecutive tokens of a sequence that a step computes.
 *
 * @param from index of the first token
 * @param count number of tokens
 * @param reachesEnd whether they reach the sequence's end, so that what follows is to be sampled
 * @param drafts how many tokens at the run's end are guesses, beyond the sequence's end; the scores
 *     of each of them count if all guesses up to it are right
 * @param ahead how many tokens it may yield beyond the next one, in the same call, each computed
 *     after the one before it
 */
public record Run(
    Sequence sequence, int from, int count, boolean reachesEnd, int drafts, int ahead) {
  Run(Sequence sequence, int from, int count, boolean reachesEnd) {
    this(sequence, from, count, reachesEnd, 0, 0);
  }

  /** Index after the last token. */
  public int end() {
    return from + count;
  }

  /** Place of its sequence's first token in the cache, if the sequence shares no tokens. */
  public int start() {
    return sequence.place().start();
  }

  /** How many of its tokens are the prompt's. */
  public int promptTokens() {
    return Math.max(0, Math.min(count, sequence.promptLength() - from));
  }

  Run withDrafts(int more) {
    return new Run(sequence, from, count + more, reachesEnd, drafts + more, ahead);
  }

  Run withAhead(int more) {
    return new Run(sequence, from, count, reachesEnd, drafts, more);
  }
}
