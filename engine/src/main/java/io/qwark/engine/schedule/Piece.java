package io.qwark.engine.schedule;

/** What lies in the cache in one run of slots, and anywhere there. */
interface Piece {
  Extent extent();

  /** How many of its first slots have keys and values in them. */
  int filled();

  void moveTo(Extent where);
}
