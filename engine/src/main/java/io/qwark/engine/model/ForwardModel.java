package io.qwark.engine.model;

import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import java.util.List;

/** A model with a KV cache that computes packed steps. Used by one thread, the one that made it. */
public interface ForwardModel extends AutoCloseable {

  /**
   * Whether keys, values and scores of a token come out the same, bit by bit, however its sequence
   * is cut into runs and whatever tokens of it attend together. False is always safe.
   */
  default boolean rowsIndependent() {
    return false;
  }

  /**
   * Whether the first tokens of a sequence may lie elsewhere in the cache than the others, where
   * other sequences find them, too: see {@link PackedStep#shared}.
   */
  default boolean sharesBeginnings() {
    return false;
  }

  void move(CacheMove move);

  /**
   * Computes a step and writes its keys and values to the cache.
   *
   * @return what can be asked about the step; to be closed before the next
   */
  StepScores step(PackedStep step);

  /** Whether {@link #decode} may be called. */
  default boolean decodesAhead() {
    return false;
  }

  /**
   * Decodes several tokens of each sequence, which are those that as many steps would lead to. Keys
   * and values of all tokens but each sequence's last one are in the cache afterwards.
   *
   * @return what was found of each row
   */
  default List<AheadTokens> decode(List<AheadRow> rows) {
    throw new UnsupportedOperationException(getClass() + " does not decode ahead");
  }

  @Override
  void close();
}
