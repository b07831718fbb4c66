package io.qwark.udf;

import java.util.Map;
import org.apache.spark.SparkConf;

/** Settings under which Spark suits long-running inference; what a user sets goes before them. */
public final class SparkSettings {
  private static final String EXCLUDE = "spark.excludeOnFailure.enabled";
  private static final String FAILURES = "spark.task.maxFailures";
  private static final String FAILURES_ON_NODE =
      "spark.excludeOnFailure.task.maxTaskAttemptsPerNode";

  private static final Map<String, String> SETTINGS =
      Map.of(
          // Progress comes with heartbeats; Spark's own 10 s is long for somebody who looks on.
          "spark.executor.heartbeatInterval",
          "2s",
          // A replica costs far more than reading a partition from another node.
          "spark.locality.wait",
          "0s",
          // An executor whose replica is lost fails its tasks at once and so always has room for
          // more, which would be the same ones.
          EXCLUDE,
          "true",
          // What passes by itself, such as a file system that is away, may happen here and there.
          "spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor",
          "2",
          "spark.excludeOnFailure.stage.maxFailedTasksPerExecutor",
          "16",
          // The cards of a host fail one by one.
          "spark.excludeOnFailure.stage.maxFailedExecutorsPerNode",
          "1000",
          FAILURES_ON_NODE,
          "6",
          FAILURES,
          "8");

  private SparkSettings() {}

  /** Names and values. */
  public static Map<String, String> recommended() {
    return SETTINGS;
  }

  /** Adds those that the configuration does not have, as far as they fit, and returns it. */
  public static SparkConf addTo(SparkConf conf) {
    // Spark refuses to start where a node could use up all the attempts of a task.
    int onNode = conf.getInt(FAILURES, Integer.parseInt(SETTINGS.get(FAILURES))) - 1;
    if (onNode < Integer.parseInt(SETTINGS.get(FAILURES_ON_NODE))) {
      conf.setIfMissing(
          onNode < 1 ? EXCLUDE : FAILURES_ON_NODE, onNode < 1 ? "false" : "" + onNode);
    }
    SETTINGS.forEach(conf::setIfMissing);
    return conf;
  }
}
