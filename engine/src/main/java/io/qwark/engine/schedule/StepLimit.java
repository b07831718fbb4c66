package io.qwark.engine.schedule;

/**
 * How much a step may take on. That is what was configured until a step runs out of memory; then it
 * is half of the sequences of that step, and tokens in proportion. After a while without another
 * such step the limit goes up by a quarter, since somebody else may have had the memory for a time;
 * if that was too much, it takes twice as long until the next try.
 */
final class StepLimit {
  /**
   * Steps at the limit before the first try to go beyond it; a guess, as cheap as a failed step.
   */
  private static final int PATIENCE = 256;

  private static final int MOST_PATIENCE = 1 << 20;

  private final int maxNumSeqs;
  private final int maxNumBatchedTokens;

  /** Tokens that a step has to have room for beside one of each sequence. */
  private final int chunk;

  private int sequences;
  private int patience = PATIENCE / 2;
  private int steps;

  StepLimit(int maxNumSeqs, int maxNumBatchedTokens, int chunk) {
    this.maxNumSeqs = maxNumSeqs;
    this.maxNumBatchedTokens = maxNumBatchedTokens;
    this.chunk = chunk;
    this.sequences = maxNumSeqs;
  }

  /** Most that may run. */
  int sequences() {
    return sequences;
  }

  /** Most tokens of a step, so many that a piece of a prompt fits in beside what runs. */
  int tokens() {
    long part = (long) maxNumBatchedTokens * sequences / maxNumSeqs;
    return (int) Math.min(maxNumBatchedTokens, Math.max(part, (long) sequences + chunk));
  }

  /** A step is planned after others that went well. */
  void goesOn(int running) {
    if (sequences == maxNumSeqs || running < sequences) {
      return;
    }
    if (++steps == patience) {
      steps = 0;
      sequences = Math.min(maxNumSeqs, sequences + Math.max(1, sequences / 4));
    }
  }

  /** A step of so many sequences ran out of memory. */
  void ranOut(int running) {
    sequences = Math.max(1, Math.min(sequences, running) / 2);
    patience = Math.min(MOST_PATIENCE, 2 * patience);
    steps = 0;
  }
}
