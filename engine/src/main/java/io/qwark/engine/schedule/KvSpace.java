package io.qwark.engine.schedule;

import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out contiguous runs of token slots (what attention kernels read fastest), out of the
 * shortest free run that is long enough. Each begins at a multiple of {@link #ALIGNMENT}. A run
 * grows in place where its neighbour is free.
 */
final class KvSpace {
  /** Runs are made as long as it takes for the next one to begin at a multiple of this. */
  static final int ALIGNMENT = PackedStep.SLOT_ALIGNMENT;

  private final int capacity;

  /** Free runs, start to length; neighbours are merged. */
  private final TreeMap<Integer, Integer> free;

  private int freeTokens;

  KvSpace(int capacity) {
    this.capacity = capacity;
    this.freeTokens = capacity;
    this.free = new TreeMap<>(Map.of(0, capacity));
  }

  private KvSpace(KvSpace original) {
    this.capacity = original.capacity;
    this.freeTokens = original.freeTokens;
    this.free = new TreeMap<>(original.free);
  }

  /** The same state, to try something out on. */
  KvSpace copy() {
    return new KvSpace(this);
  }

  int capacity() {
    return capacity;
  }

  int freeTokens() {
    return freeTokens;
  }

  /** A run of at least this many slots, or null if no free run is long enough. */
  Extent allocate(int tokens) {
    Map.Entry<Integer, Integer> best = null;
    for (Map.Entry<Integer, Integer> run : free.entrySet()) {
      int length = run.getValue();
      if (length >= tokens && (best == null || length < best.getValue())) {
        best = run;
      }
    }
    return best == null ? null : take(best.getKey(), Math.min(best.getValue(), aligned(tokens)));
  }

  /**
   * The same run made longer in place: to about {@code wanted} slots, at least {@code least}; null
   * if what follows it is not free.
   */
  Extent extend(Extent extent, int least, int wanted) {
    int following = free.getOrDefault(extent.end(), 0);
    if (extent.capacity() + following < least) {
      return null;
    }
    int taken = Math.min(following, Math.max(0, aligned(wanted) - extent.capacity()));
    if (taken == 0) {
      return extent;
    }
    take(extent.end(), taken);
    return new Extent(extent.start(), extent.capacity() + taken);
  }

  /** Keeps the first tokens of a run and frees what is behind them. */
  Extent cut(Extent extent, int tokens) {
    int kept = Math.min(extent.capacity(), aligned(tokens));
    if (kept < extent.capacity()) {
      release(new Extent(extent.start() + kept, extent.capacity() - kept));
    }
    return new Extent(extent.start(), kept);
  }

  /** Another place for a run, where nothing but the run itself may lie. */
  Extent move(Extent extent, int start) {
    release(extent);
    return take(start, Math.min(aligned(extent.capacity()), capacity - start));
  }

  /** Frees a run, which may be empty. */
  void release(Extent extent) {
    if (extent.capacity() == 0) {
      return;
    }
    int start = extent.start();
    int length = extent.capacity();
    Map.Entry<Integer, Integer> before = free.lowerEntry(start);
    Integer after = free.get(extent.end());
    if ((before != null && before.getKey() + before.getValue() > start)
        || free.containsKey(start)
        || extent.end() > capacity) {
      throw new IllegalStateException("slots released twice: " + extent);
    }
    if (after != null) {
      free.remove(extent.end());
      length += after;
    }
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
      length += before.getValue();
    }
    free.put(start, length);
    freeTokens += extent.capacity();
  }

  /** These slots, which are free. */
  private Extent take(int start, int tokens) {
    if (tokens == 0) {
      return new Extent(start, 0);
    }
    Map.Entry<Integer, Integer> run = free.floorEntry(start);
    int end = run == null ? 0 : run.getKey() + run.getValue();
    if (end < start + tokens) {
      throw new IllegalStateException("slots are taken: " + new Extent(start, tokens));
    }
    free.remove(run.getKey());
    if (run.getKey() < start) {
      free.put(run.getKey(), start - run.getKey());
    }
    if (end > start + tokens) {
      free.put(start + tokens, end - start - tokens);
    }
    freeTokens -= tokens;
    return new Extent(start, tokens);
  }

  private static int aligned(int tokens) {
    return (tokens + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
