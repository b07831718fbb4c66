package io.qwark.engine.schedule;

/**
 * A run of token slots in the KV cache that belongs to one sequence.
 *
 * @param start first slot
 * @param capacity number of slots
 */
record Extent(int start, int capacity) {
  int end() {
    return start + capacity;
  }
}
