package io.qwark.jobs.metrics;

import io.qwark.jobs.score.Verdict;
import java.util.Objects;

/**
 * What the metrics need to know of one sample.
 *
 * @param id of the problem; samples of one problem share it
 * @param sampleIndex from 0, unique within the problem
 * @param extractedAnswer in canonical form (equal strings are equal answers), or null
 * @param expectedAnswer as the data set has it, or null
 * @param finishReason stop or length, or null for a failed sample
 * @param errorCode null unless the sample failed
 * @param promptTokens 0 for a failed sample
 * @param completionTokens 0 for a failed sample
 */
public record SampleScore(
    String id,
    int sampleIndex,
    Verdict verdict,
    String extractedAnswer,
    String expectedAnswer,
    String finishReason,
    String errorCode,
    int promptTokens,
    int completionTokens) {
  public SampleScore {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(verdict, "verdict");
    if (sampleIndex < 0) {
      throw new IllegalArgumentException("Negative sample index: " + sampleIndex);
    }
  }
}
