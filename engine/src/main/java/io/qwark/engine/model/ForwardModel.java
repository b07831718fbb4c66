package io.qwark.engine.model;

import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;

/** A model with a KV cache that computes packed steps. Used by one thread, the one that made it. */
public interface ForwardModel extends AutoCloseable {

  /**
   * Whether keys, values and scores of a token come out the same, bit by bit, however its sequence
   * is cut into runs and whatever tokens of it attend together. False is always safe.
   */
  default boolean rowsIndependent() {
    return false;
  }

  void move(CacheMove move);

  /**
   * Computes a step and writes its keys and values to the cache.
   *
   * @return what can be asked about the step; to be closed before the next
   */
  StepScores step(PackedStep step);

  @Override
  void close();
}
