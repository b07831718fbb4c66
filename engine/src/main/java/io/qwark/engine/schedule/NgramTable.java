package io.qwark.engine.schedule;

import java.util.Arrays;

/**
 * Where each run of {@code n} tokens of a text ended last. A hash table with open addressing that
 * holds nothing but these ends; the tokens themselves are read from the text.
 */
final class NgramTable {
  private static final int SMALLEST = 64;

  private final int n;

  /** Index after the last token of a run, or 0; at most half of them are taken. */
  private int[] ends = new int[SMALLEST];

  private int taken;

  NgramTable(int n) {
    this.n = n;
  }

  /**
   * Takes up the run that ends before index {@code end}; call it with rising ends.
   *
   * @return the end of the last such run before, or 0 if this is the first
   */
  int put(int[] text, int end) {
    if (end < n) {
      return 0;
    }
    int place = find(text, end);
    int before = ends[place];
    ends[place] = end;
    if (before == 0 && ++taken > ends.length / 2) {
      grow(text);
    }
    return before;
  }

  private void grow(int[] text) {
    int[] old = ends;
    ends = new int[2 * old.length];
    for (int end : old) {
      if (end > 0) {
        ends[find(text, end)] = end;
      }
    }
  }

  /** The index in the table where this run's last end stands or belongs. */
  private int find(int[] text, int end) {
    int hash = 0;
    for (int i = end - n; i < end; i++) {
      // 2^32 divided by the golden ratio.
      hash = (hash ^ text[i]) * 0x9E3779B9;
      hash ^= hash >>> 15;
    }
    int place = hash & (ends.length - 1);
    while (ends[place] != 0 && !same(text, ends[place], end)) {
      place = (place + 1) & (ends.length - 1);
    }
    return place;
  }

  private boolean same(int[] text, int end, int other) {
    return Arrays.equals(text, end - n, end, text, other - n, other);
  }
}
