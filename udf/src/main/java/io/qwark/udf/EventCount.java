package io.qwark.udf;

import java.util.function.IntSupplier;

/**
 * Tells the metrics how often something happened to a replica while a task used it. Each time has
 * an id, so that it counts once however many tasks saw it.
 */
final class EventCount {
  private final IntSupplier count;
  private final SetAccumulator<String> metric;
  private final String replica;
  private int told;

  /**
   * @param count how often it has happened so far
   * @param replica id of its load
   */
  EventCount(IntSupplier count, SetAccumulator<String> metric, String replica) {
    this.count = count;
    this.metric = metric;
    this.replica = replica;
    this.told = count.getAsInt();
  }

  void tell() {
    for (int now = count.getAsInt(); told < now; told++) {
      metric.add(replica + "#" + told);
    }
  }

  /** How often it happened to this replica. */
  static long of(String replica, SetAccumulator<String> metric) {
    return metric.value().stream().filter(id -> id.startsWith(replica + "#")).count();
  }
}
