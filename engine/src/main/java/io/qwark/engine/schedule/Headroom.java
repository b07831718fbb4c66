package io.qwark.engine.schedule;

import java.util.List;

/**
 * How many steps ahead the cache must have room for those that run before another is admitted.
 * Nobody knows how long a sequence will become. Too little room, and one that was just admitted is
 * preempted again soon, over and over, and most of what is computed is computed anew; too much, and
 * few run. So it doubles with every preemption and goes back slowly with every sequence that ends:
 * in balance one of eleven is preempted, since (15/16)^11 is 1/2.
 */
final class Headroom {
  private static final double LEAST = 1;
  private static final double MOST = 1 << 20;

  private double steps = LEAST;

  void preempted() {
    steps = Math.min(MOST, 2 * steps);
  }

  void ended() {
    steps = Math.max(LEAST, steps * 15 / 16);
  }

  /** Slots that these will ask for beyond those that they have. */
  long needed(List<Sequence> running) {
    long slots = 0;
    for (Sequence sequence : running) {
      long length = Math.min(sequence.maxLength(), sequence.length() + (long) steps);
      slots += Math.max(0, length - sequence.capacity());
    }
    return slots;
  }
}
