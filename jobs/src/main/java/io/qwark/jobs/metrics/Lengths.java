package io.qwark.jobs.metrics;

import java.util.Map;
import java.util.TreeMap;

/** Counts of lengths, from which percentiles come exact in memory bounded by the longest. */
final class Lengths {
  private final TreeMap<Integer, Long> counts = new TreeMap<>();
  private long number;
  private long sum;

  void add(int length) {
    counts.merge(length, 1L, Long::sum);
    number++;
    sum += length;
  }

  long sum() {
    return sum;
  }

  /** Null if nothing was added. */
  Summary.Distribution distribution() {
    if (number == 0) {
      return null;
    }
    return new Summary.Distribution(
        (double) sum / number,
        counts.firstKey(),
        percentile(50),
        percentile(90),
        percentile(99),
        counts.lastKey());
  }

  /** Nearest rank: the smallest length that at least so many percent do not exceed. */
  private int percentile(int percent) {
    long rank = (number * percent + 99) / 100;
    long below = 0;
    for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
      below += entry.getValue();
      if (below >= rank) {
        return entry.getKey();
      }
    }
    throw new IllegalStateException("Rank " + rank + " of " + number);
  }
}
