package io.qwark.bench.gpu;

import java.util.List;
import java.util.function.LongSupplier;

/** Time that is divided among what is still to be done; what one leaves is for the others. */
final class Budget {
  private final LongSupplier clock;
  private final long end;

  /**
   * @param clock in nanoseconds, such as {@link System#nanoTime}
   */
  Budget(double seconds, LongSupplier clock) {
    this.clock = clock;
    this.end = clock.getAsLong() + (long) (seconds * 1e9);
  }

  /** Seconds, at least 0. */
  double left() {
    return Math.max(0, (end - clock.getAsLong()) / 1e9);
  }

  /**
   * Seconds for the first of these, by its weight among all that are left.
   *
   * @param weights of what is still to be done, in order
   */
  double first(List<Double> weights) {
    double all = weights.stream().mapToDouble(Double::doubleValue).sum();
    return left() * weights.get(0) / all;
  }
}
