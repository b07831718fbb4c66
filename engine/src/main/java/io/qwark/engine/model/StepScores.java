package io.qwark.engine.model;

import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Penalties;
import java.util.List;

/** The scores that a step gave its tokens' successors. Belongs to the thread of the model. */
public interface StepScores extends AutoCloseable {

  /**
   * Scores rows of the step for sampling.
   *
   * @param rows (R) of {@link io.qwark.engine.schedule.PackedStep#scored}
   * @param penalties their rows are indexes of {@code rows}
   */
  SampledRows sample(long[] rows, Penalties penalties);

  /**
   * Log-probabilities of the tokens that really follow rows of the step.
   *
   * @param rows (R) of {@link io.qwark.engine.schedule.PackedStep#scored}
   * @param next (R) token ids
   */
  float[] logprobs(long[] rows, long[] next);

  @Override
  void close();

  /** Scores of the rows to be sampled. */
  interface SampledRows {
    /** For each row its best candidates, {@code Sampler.MAX_SHORTLIST} or the whole vocabulary. */
    List<Candidates> shortlists();

    /**
     * Log-sum-exps of all scores of some of the rows, after penalties.
     *
     * @param rows (n) which
     * @param temperatures (n) by which a row's scores are divided before
     */
    float[] logSumExps(long[] rows, float[] temperatures);

    /** For each row its likeliest candidates before penalties. */
    List<Candidates> likeliest();

    /** Every token of the vocabulary, for one of the rows. */
    Candidates all(int row);
  }
}
