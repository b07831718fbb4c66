package io.qwark.jobs.config;

import java.util.Map;

/**
 * How Spark runs the job; what spark-submit was told comes first.
 *
 * @param partitions number of tasks; null decides by rows and cores
 * @param maxInFlight samples that a task keeps in flight; null is the model's max_num_seqs
 * @param conf Spark properties
 */
public record SparkConfig(
    String master, Integer partitions, Integer maxInFlight, Map<String, String> conf) {

  static final SparkConfig DEFAULTS = new SparkConfig(null, null, null, Map.of());

  public SparkConfig {
    Ranges.atLeastOne("spark.partitions", partitions);
    Ranges.atLeastOne("spark.max_in_flight", maxInFlight);
  }
}
