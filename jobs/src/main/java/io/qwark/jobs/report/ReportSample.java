package io.qwark.jobs.report;

import io.qwark.jobs.score.Verdict;
import java.util.Objects;

/**
 * What the report shows of one sample: columns of {@code samples/*.parquet} under the same names.
 * Every text is untrusted and may be null, but for the id.
 *
 * @param firstTokenMs from submission to the first token, or null
 * @param totalMs from submission to the end, or null
 */
public record ReportSample(
    String id,
    int sampleIndex,
    String problem,
    String expectedAnswer,
    Verdict verdict,
    String extractedAnswer,
    String explanation,
    String errorCode,
    String errorMessage,
    String finishReason,
    String reasoning,
    String answer,
    int promptTokens,
    int completionTokens,
    Double firstTokenMs,
    Double totalMs) {
  public ReportSample {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(verdict, "verdict");
  }
}
