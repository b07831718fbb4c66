package io.qwark.udf;

/**
 * How far a running job is: finished tasks, and what running ones reported last.
 *
 * @param rows that were read
 * @param samplesOk that have a result
 * @param samplesError that became error rows
 * @param promptTokens of the samples that have a result
 * @param completionTokens of the samples that have a result
 * @param replicasLoading asked for and not yet there; one that could not be loaded stays here
 * @param replicasLoaded ready since the job began, on all executors
 */
public record Progress(
    long rows,
    long samplesOk,
    long samplesError,
    long promptTokens,
    long completionTokens,
    int replicasLoading,
    int replicasLoaded) {

  /** Samples that are finished, well or badly. */
  public long samplesDone() {
    return samplesOk + samplesError;
  }
}
