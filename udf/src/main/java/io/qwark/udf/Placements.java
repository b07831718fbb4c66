package io.qwark.udf;

import io.qwark.engine.api.Placement;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Where a task's replica stands. */
final class Placements {
  private static final String GPU = "gpu";

  /** Spark's name of the driver among executors. */
  private static final String DRIVER = "driver";

  private static final String CORES = "spark.executor.cores";

  private Placements() {}

  static Placement of(TaskContext context, SparkEnv env) {
    return new Placement(
        device(context),
        processors(
            env.conf(),
            DRIVER.equals(env.executorId()),
            Runtime.getRuntime().availableProcessors()));
  }

  /** {@code cuda:N} for the first GPU address that Spark gave the task, else {@code cpu}. */
  private static String device(TaskContext context) {
    ResourceInformation gpu = context.resourcesJMap().get(GPU);
    return gpu == null || gpu.addresses().length == 0 ? "cpu" : "cuda:" + gpu.addresses()[0];
  }

  /**
   * An executor that was given some of its host's cores leaves the others to its neighbours.
   *
   * @param isDriver a driver that runs its tasks itself has no such neighbours
   * @param seen processors that this process sees
   */
  static int processors(SparkConf conf, boolean isDriver, int seen) {
    return isDriver ? seen : Math.max(1, Math.min(seen, conf.getInt(CORES, seen)));
  }
}
