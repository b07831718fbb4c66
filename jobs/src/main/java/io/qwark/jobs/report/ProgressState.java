package io.qwark.jobs.report;

/**
 * How far a run is.
 *
 * @param executors that load a model, at least 1
 * @param replicasLoaded models loaded so far
 * @param readySeconds elapsed time at which the first model was loaded; unused before that
 * @param samplesDone finished samples, failed ones included
 * @param samplesTotal all samples, or null if unknown
 * @param errors failed samples
 * @param elapsedSeconds since the run began
 */
public record ProgressState(
    int executors,
    int replicasLoaded,
    double readySeconds,
    long samplesDone,
    Long samplesTotal,
    long completionTokens,
    long errors,
    double elapsedSeconds) {}
