package io.qwark.engine.schedule;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out contiguous runs of token slots (what attention kernels read fastest), first fit. A run
 * grows in place where its neighbour is free.
 */
final class KvSpace {
  private final int capacity;

  /** Free runs, start to length; neighbours are merged. */
  private final TreeMap<Integer, Integer> free = new TreeMap<>();

  private int freeTokens;

  KvSpace(int capacity) {
    this.capacity = capacity;
    this.freeTokens = capacity;
    free.put(0, capacity);
  }

  int capacity() {
    return capacity;
  }

  int freeTokens() {
    return freeTokens;
  }

  /** A run of this many slots, or null if no free run is long enough. */
  Extent allocate(int tokens) {
    for (Iterator<Map.Entry<Integer, Integer>> runs = free.entrySet().iterator();
        runs.hasNext(); ) {
      Map.Entry<Integer, Integer> run = runs.next();
      int start = run.getKey();
      int length = run.getValue();
      if (length >= tokens) {
        runs.remove();
        if (length > tokens) {
          free.put(start + tokens, length - tokens);
        }
        freeTokens -= tokens;
        return new Extent(start, tokens);
      }
    }
    return null;
  }

  /**
   * The same run made longer in place: up to {@code wanted} slots, at least {@code least}; null if
   * what follows it is not free.
   */
  Extent extend(Extent extent, int least, int wanted) {
    Integer following = free.get(extent.end());
    if (following == null || extent.capacity() + following < least) {
      return null;
    }
    int taken = Math.min(following, wanted - extent.capacity());
    free.remove(extent.end());
    if (following > taken) {
      free.put(extent.end() + taken, following - taken);
    }
    freeTokens -= taken;
    return new Extent(extent.start(), extent.capacity() + taken);
  }

  void release(Extent extent) {
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
}
