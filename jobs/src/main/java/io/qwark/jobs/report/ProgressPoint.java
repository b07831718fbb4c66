package io.qwark.jobs.report;

/**
 * How far a run was at some time.
 *
 * @param elapsedSeconds since generation began
 * @param samples finished until then, failed ones included
 * @param completionTokens generated until then
 */
public record ProgressPoint(double elapsedSeconds, long samples, long completionTokens) {}
