package io.qwark.engine.schedule;

import java.util.List;

/**
 * How many steps a call of the model decodes. Each call keeps a device waiting for its host once,
 * so the more the better, but while it lasts nobody is admitted and what has no room is idle.
 */
final class Pace {
  /** The idle part of a call that is worth it, as a divisor. */
  private static final int IDLE = 16;

  private final int most;

  /** Where a request that comes now would be admitted at once. */
  private int whileOpen = 1;

  /**
   * @param most steps of a call
   */
  Pace(int most) {
    this.most = most;
  }

  int most() {
    return most;
  }

  /** Somebody was admitted, and where one comes others often follow: short calls again. */
  void admitted() {
    whileOpen = 1;
  }

  /**
   * The longest call of which not too much is idle: sequences that will have no slots, and places
   * of ended ones that others wait for. Where nobody waits and there is room, calls double in
   * length from one step on, so that requests which come soon after each other soon run together.
   *
   * @param decoding sequences with a slot for the next token at least
   * @param waiting whether somebody waits for one of them to end
   * @param open whether somebody who comes now would be admitted at once
   */
  int steps(List<Sequence> decoding, boolean waiting, boolean open) {
    int steps = open ? whileOpen : most;
    whileOpen = Math.min(most, 2 * whileOpen);
    int longest = decoding.stream().mapToInt(s -> 1 + s.roomAhead()).max().orElse(1);
    steps = Math.min(steps, longest);
    while (steps > 1 && idle(decoding, waiting, steps) * IDLE > (long) steps * decoding.size()) {
      steps--;
    }
    return steps;
  }

  private static long idle(List<Sequence> decoding, boolean waiting, int steps) {
    long idle = 0;
    for (Sequence sequence : decoding) {
      boolean goesOn = sequence.length() + 1 + sequence.roomAhead() < sequence.maxLength();
      if (waiting || goesOn) {
        idle += Math.max(0, steps - 1 - sequence.roomAhead());
      }
    }
    return idle;
  }
}
