package io.qwark.udf;

import java.util.Map;
import org.apache.spark.SparkConf;

/** Settings under which Spark suits long-running inference; what a user sets goes before them. */
public final class SparkSettings {
  private static final Map<String, String> SETTINGS =
      Map.of(
          // Progress comes with heartbeats; Spark's own 10 s is long for somebody who looks on.
          "spark.executor.heartbeatInterval", "2s",
          // A replica costs far more than reading a partition from another node.
          "spark.locality.wait", "0s");

  private SparkSettings() {}

  /** Names and values. */
  public static Map<String, String> recommended() {
    return SETTINGS;
  }

  /** Adds those that the configuration does not have, and returns it. */
  public static SparkConf addTo(SparkConf conf) {
    SETTINGS.forEach(conf::setIfMissing);
    return conf;
  }
}
