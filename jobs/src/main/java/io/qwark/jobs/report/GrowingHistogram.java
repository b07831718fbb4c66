package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Counts of values from 0 up in bins of equal width, for several series at once. The range is not
 * known beforehand: whenever a value lies beyond it, neighbouring bins are merged and the width
 * doubles, so memory stays the same.
 */
final class GrowingHistogram {
  static final int BINS = 48;

  private final long[][] counts;
  private double width;

  GrowingHistogram(int series, double narrowest) {
    this.counts = new long[series][BINS];
    this.width = narrowest;
  }

  /** Ignores values that are negative or not finite: clocks and readers are not to be trusted. */
  void add(int series, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      return;
    }
    while (value >= width * BINS) {
      widen();
    }
    counts[series][(int) (value / width)]++;
  }

  private void widen() {
    width *= 2;
    for (long[] bins : counts) {
      for (int i = 0; i < BINS; i++) {
        bins[i] = i < BINS / 2 ? bins[2 * i] + bins[2 * i + 1] : 0;
      }
    }
  }

  /** {width, counts: for each series one number per bin, without the empty bins at the end}. */
  ObjectNode toJson() {
    int used = 0;
    for (long[] bins : counts) {
      for (int i = 0; i < BINS; i++) {
        used = bins[i] > 0 ? Math.max(used, i + 1) : used;
      }
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("width", width);
    ArrayNode all = json.putArray("counts");
    for (long[] bins : counts) {
      ArrayNode series = all.addArray();
      for (int i = 0; i < used; i++) {
        series.add(bins[i]);
      }
    }
    return json;
  }
}
