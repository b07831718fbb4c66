package io.qwark.jobs.config;

import io.qwark.udf.GpuStage;
import java.util.Map;

/**
 * How Spark runs the job; what spark-submit was told comes first.
 *
 * @param partitions number of tasks; null decides by rows and cores
 * @param maxInFlight samples that a task keeps in flight; null is the model's max_num_seqs
 * @param gpuStage what the tasks that generate need, or null for what all tasks have
 * @param conf Spark properties
 */
public record SparkConfig(
    String master,
    Integer partitions,
    Integer maxInFlight,
    GpuStage gpuStage,
    Map<String, String> conf) {

  static final SparkConfig DEFAULTS = new SparkConfig(null, null, null, null, Map.of());

  public SparkConfig {
    Ranges.atLeastOne("spark.partitions", partitions);
    Ranges.atLeastOne("spark.max_in_flight", maxInFlight);
  }
}
