package io.qwark.engine.api;

/**
 * Where the time of one request went, in milliseconds.
 *
 * @param queueMs from submission until its first prefill step began
 * @param firstTokenMs from submission until its first token
 * @param totalMs from submission until it was finished
 */
public record Timings(double queueMs, double firstTokenMs, double totalMs) {}
