package io.qwark.jobs.metrics;

import io.qwark.jobs.score.Verdict;
import java.util.List;
import java.util.Map;

/**
 * The scores and counts of a run.
 *
 * <p>In every score a sample that is not {@link Verdict#CORRECT} counts as not correct, those that
 * failed or could not be scored included: dropping them would let a run look better for breaking.
 * That makes the scores a lower bound where {@link #complete} is false, and {@link #warnings} says
 * why.
 *
 * @param problems number of problems
 * @param samples number of samples
 * @param minSamplesPerProblem 0 if there are none
 * @param complete whether there are samples, as many of each problem, and none failed or unscored
 * @param warnings why the run is not complete, one sentence each
 * @param averageAtN mean over problems of the share of correct samples (with as many samples of
 *     each problem, the mean over samples)
 * @param passAtK in ascending order of k
 * @param majorityAtN share of problems whose most frequent answer is correct
 * @param verdicts number of samples by verdict, all five
 * @param errors number of failed samples by error code
 * @param finishReasons number of generated samples by finish reason
 * @param completionLength tokens of the samples that were generated, or null without any
 * @param wallSeconds time that generation took, or null if unknown
 */
public record Summary(
    int problems,
    int samples,
    int minSamplesPerProblem,
    int maxSamplesPerProblem,
    boolean complete,
    List<String> warnings,
    Estimate averageAtN,
    List<Estimate> passAtK,
    Estimate majorityAtN,
    Map<Verdict, Integer> verdicts,
    Map<String, Integer> errors,
    Map<String, Integer> finishReasons,
    long promptTokens,
    long completionTokens,
    Distribution completionLength,
    Double wallSeconds) {

  /** Percentiles are by nearest rank, so each is the length of some sample. */
  public record Distribution(double mean, int min, int p50, int p90, int p99, int max) {}

  /** Completion tokens per second of wall time, or null if the time is unknown or zero. */
  public Double completionTokensPerSecond() {
    return perSecond(completionTokens);
  }

  /** Samples per second of wall time, or null if the time is unknown or zero. */
  public Double samplesPerSecond() {
    return perSecond(samples);
  }

  private Double perSecond(long count) {
    return wallSeconds == null || wallSeconds <= 0 ? null : count / wallSeconds;
  }
}
