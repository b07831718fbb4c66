package io.qwark.jobs.score;

import java.util.Objects;

/**
 * A scorer's judgement of one sample.
 *
 * @param extractedAnswer the answer in the scorer's canonical form, so that equal answers are equal
 *     strings (majority voting relies on it); null if none was found
 * @param explanation one or two sentences for a person: what was read, and from where
 */
public record Score(Verdict verdict, String extractedAnswer, String explanation) {
  public Score {
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(explanation, "explanation");
  }

  /** The score of a sample that was never generated. */
  public static Score failed(String errorCode, String errorMessage) {
    return new Score(Verdict.FAILED, null, "Not generated: " + errorCode + ": " + errorMessage);
  }

  static Score noAnswer(String explanation) {
    return new Score(Verdict.NO_ANSWER, null, explanation);
  }

  static Score unscored(String explanation) {
    return new Score(Verdict.UNSCORED, null, explanation);
  }
}
