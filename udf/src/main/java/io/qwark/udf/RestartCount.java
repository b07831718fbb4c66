package io.qwark.udf;

import io.qwark.engine.api.TextModel;

/**
 * Tells the metrics how often a replica was loaded anew while a task used it. Each time has an id,
 * so that it counts once however many tasks saw it.
 */
final class RestartCount {
  private final TextModel model;
  private final String replica;
  private int told;

  /**
   * @param replica id of its load
   */
  RestartCount(TextModel model, String replica) {
    this.model = model;
    this.replica = replica;
    this.told = model.restarts();
  }

  void tell(InferenceMetrics metrics) {
    for (int now = model.restarts(); told < now; told++) {
      metrics.replicasRestarted.add(replica + "#" + told);
    }
  }

  /** Whether an id is of this replica. */
  static boolean isOf(String id, String replica) {
    return id.startsWith(replica + "#");
  }
}
