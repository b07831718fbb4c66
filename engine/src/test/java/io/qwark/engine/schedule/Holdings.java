package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;

/** Counts slot by slot what lies where, as places tell it. */
final class Holdings {
  /** What lies in each slot: a place, or a beginning for all who share it. */
  private final Piece[] slots;

  private int held;

  Holdings(int capacity) {
    this.slots = new Piece[capacity];
  }

  /**
   * No slot has two owners, and what the scheduler counts as free is what nobody who runs holds.
   *
   * @return how many share a beginning
   */
  static int check(Scheduler scheduler, Collection<Sequence> sequences) {
    Holdings holdings = new Holdings(scheduler.cacheTokens());
    int sharing = 0;
    for (Sequence sequence : sequences) {
      if (sequence.place() != null) {
        holdings.add(sequence.place());
        sharing += sequence.place().shared() > 0 ? 1 : 0;
      }
    }
    assertEquals(scheduler.cacheTokens() - holdings.held(), scheduler.freeCacheTokens());
    assertTrue(scheduler.retainedCacheTokens() <= scheduler.freeCacheTokens());
    return sharing;
  }

  void add(Place place) {
    if (place.shared() > 0) {
      assertEquals(0, place.shared() % PackedStep.SHARED_BLOCK);
      assertTrue(place.shared() <= place.beginning().extent().capacity());
      int start = place.beginning().extent().start();
      take(place.beginning(), start, start + place.shared());
    }
    take(place, place.extent().start(), place.extent().end());
  }

  private void take(Piece owner, int from, int to) {
    for (int slot = from; slot < to; slot++) {
      assertTrue(slots[slot] == null || (slots[slot] == owner && owner instanceof Beginning));
      held += slots[slot] == null ? 1 : 0;
      slots[slot] = owner;
    }
  }

  /** Slots that are taken. */
  int held() {
    return held;
  }
}
