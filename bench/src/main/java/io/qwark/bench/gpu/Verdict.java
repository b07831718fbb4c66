package io.qwark.bench.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One line of the correctness suite.
 *
 * @param model which
 * @param way a quantization, or what else was tried
 * @param outcome how it went
 * @param note why not, or what is worth saying
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Verdict(
    String model, String way, Outcome outcome, @JsonProperty Closeness closeness, String note) {

  /** How a line went. */
  enum Outcome {
    PASSED,
    FAILED,
    /** The device does not serve this model so, and the engine said why. */
    REFUSED
  }

  /**
   * How close scores are to those that they are compared with.
   *
   * @param positions tokens looked at
   * @param agreement part of them at which both have the same likeliest token
   * @param divergence mean KL in nats; null where the other's scores are not known
   * @param logprob mean difference of the given tokens' log-probabilities, sign left out
   * @param largestGap by which the other's token is at most below our likeliest, as a part of the
   *     largest score
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Closeness(
      int positions,
      double agreement,
      Double divergence,
      Double logprob,
      @JsonProperty("largest_gap") Double largestGap) {}

  static Verdict of(String model, String way, Closeness closeness, boolean passed, String whyNot) {
    return new Verdict(
        model, way, passed ? Outcome.PASSED : Outcome.FAILED, closeness, passed ? null : whyNot);
  }

  static Verdict failed(String model, String way, Throwable failure) {
    return new Verdict(model, way, Outcome.FAILED, null, failure.toString());
  }

  /** The same, failed for this reason, whether or not for others. */
  Verdict failedAlso(String reason) {
    String all = note == null ? reason : reason + "; " + note;
    return new Verdict(model, way, Outcome.FAILED, closeness, all);
  }

  static Verdict refused(String model, String way, String reason) {
    return new Verdict(model, way, Outcome.REFUSED, null, reason);
  }
}
