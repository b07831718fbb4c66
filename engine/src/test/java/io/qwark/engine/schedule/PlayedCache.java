package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

/**
 * Plays the model: what it keeps for a token is a hash of all tokens up to it, taken from the slots
 * that the plan names, and of how they were cut into runs if that matters. Checks that every
 * sequence finds in its slots what it would have found alone.
 */
final class PlayedCache {
  private final long[] slots;

  /** Null where cuts do not matter. */
  private final Chunking chunking;

  PlayedCache(int capacity, Chunking chunking) {
    this.slots = new long[capacity];
    this.chunking = chunking;
  }

  /** Makes some of the moves and leaves rubbish where tokens would have been. */
  void fail(StepPlan plan, Random random) {
    move(plan.moves().subList(0, random.nextInt(plan.moves().size() + 1)));
    for (long slot : plan.pack().slots()) {
      slots[(int) slot] = random.nextLong();
    }
  }

  void carryOut(StepPlan plan) {
    move(plan.moves());
    PackedStep step = plan.pack();
    int row = 0;
    for (Run run : plan.runs()) {
      for (int i = run.from(); i < run.end(); i++, row++) {
        int slot = (int) step.slots()[row];
        int cut = i < run.sequence().promptLength() ? 1000 * run.from() + run.end() : 0;
        long before = i == 0 ? 0 : slots[run.sequence().place().slot(i - 1)];
        slots[slot] = hash(before, step.tokens()[row], chunking == null ? 0 : cut);
      }
    }
    plan.runs().forEach(this::check);
  }

  /** Goes on with tokens that come after a run, one by one. */
  void decode(Run run, int[] tokens) {
    int slot = run.start() + run.end();
    for (int token : tokens) {
      assertTrue(slot < run.start() + run.sequence().capacity());
      slots[slot] = hash(slots[slot - 1], token, 0);
      slot++;
    }
  }

  private void move(List<CacheMove> moves) {
    for (CacheMove move : moves) {
      assertTrue(
          Math.abs(move.source() - move.target()) >= move.count(), "overlapping move: " + move);
      System.arraycopy(slots, move.source(), slots, move.target(), move.count());
    }
  }

  private void check(Run run) {
    Sequence sequence = run.sequence();
    Place place = sequence.place();
    assertEquals(0, place.extent().start() % KvSpace.ALIGNMENT);
    assertEquals(0, place.slot(0) % KvSpace.ALIGNMENT);
    assertTrue(run.from() >= place.shared());
    assertTrue(run.end() <= place.capacity());
    long expected = 0;
    int from = 0;
    for (int i = 0; i < run.end(); i++) {
      int cut = 0;
      if (chunking != null && i < sequence.promptLength()) {
        int end = chunking.end(from, sequence.promptLength());
        from = i == end ? end : from;
        cut = 1000 * from + chunking.end(from, sequence.promptLength());
      }
      expected = hash(expected, sequence.token(i), cut);
      assertEquals(expected, slots[place.slot(i)], "token " + i + " of " + run);
    }
  }

  private static long hash(long before, long token, int cut) {
    return (before * 31 + token) * 0x9E3779B97F4A7C15L + cut + 1;
  }
}
