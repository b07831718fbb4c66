package io.qwark.engine.cuda;

/**
 * The memory of a card in bytes.
 *
 * @param free that no process holds; what this process needs for being on the card at all is taken
 *     off already
 */
public record CardMemory(long total, long free) {}
