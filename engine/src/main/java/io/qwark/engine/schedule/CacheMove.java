package io.qwark.engine.schedule;

/**
 * An order to copy the keys and values of {@code count} tokens to other, not overlapping slots.
 * Orders of a step are carried out one after the other, before anything is computed.
 */
public record CacheMove(int source, int target, int count) {}
