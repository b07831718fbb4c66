package io.qwark.udf;

import io.qwark.engine.api.ModelInfo;
import java.io.Serializable;

/**
 * One replica that was loaded.
 *
 * @param executorId Spark's name of the process; {@code driver} in local mode
 * @param device cpu or cuda:N
 * @param number counts the loads of this process from 1, so that two loads are never taken for one
 * @param loadMs from the start of loading until the replica was ready
 */
public record ReplicaLoad(
    String executorId, String device, int number, double loadMs, ModelInfo model)
    implements Serializable {

  /** Distinct for each load of a Spark application. */
  String id() {
    return id(executorId, number);
  }

  static String id(String executorId, int number) {
    return executorId + "/" + number;
  }
}
