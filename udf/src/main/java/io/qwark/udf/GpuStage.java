package io.qwark.udf;

import io.qwark.engine.api.UserException;
import java.io.Serializable;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ExecutorResourceRequests;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * What the tasks that generate need, where others of the same application need no GPU (Spark's
 * stage-level scheduling). With dynamic allocation the stage has executors of its own kind, which
 * go when it is done; without, its tasks take their parts of the GPUs that all executors have, and
 * all other tasks run beside them without.
 *
 * @param tasksPerGpu tasks that feed one replica at a time, 1 to 1000
 * @param executorCores of the stage's executors; this and all below only with dynamic allocation;
 *     null is what the application's other executors have
 * @param executorMemory Java's heap, such as 8g, or null
 * @param executorMemoryOverhead memory outside the heap, such as 16g, or null
 * @param discoveryScript as executors see it, or null
 * @param vendor for Kubernetes, such as nvidia.com, or null
 */
public record GpuStage(
    int tasksPerGpu,
    Integer executorCores,
    String executorMemory,
    String executorMemoryOverhead,
    String discoveryScript,
    String vendor)
    implements Serializable {
  /** What holds where a stage is asked for and no more is said. */
  public static final GpuStage DEFAULTS = new GpuStage(8, null, null, null, null, null);

  private static final int MOST_TASKS = 1000;
  private static final String DYNAMIC_ALLOCATION = "spark.dynamicAllocation.enabled";

  public GpuStage {
    if (tasksPerGpu < 1 || tasksPerGpu > MOST_TASKS) {
      throw new UserException(
          "Cannot feed a GPU with " + tasksPerGpu + " tasks",
          "it takes 1 to " + MOST_TASKS,
          "Correct tasks_per_gpu");
    }
    if (executorCores != null && executorCores < 1) {
      throw new UserException(
          "Cannot use an executor of " + executorCores + " cores",
          "it needs at least 1",
          "Correct executor_cores");
    }
  }

  /** Tasks that share a GPU of the application's executors. */
  public static GpuStage ofTasks(int tasksPerGpu) {
    return new GpuStage(tasksPerGpu, null, null, null, null, null);
  }

  void check(SparkConf conf) {
    if (hasOwnExecutors(conf)) {
      GpuDiscovery.check(conf, "the stage's ", discoveryScript, vendor);
      return;
    }
    if (GpuSettings.amount(conf, GpuSettings.EXECUTOR + "amount") < 1) {
      throw new UserException(
          "Cannot give GPUs to the generating stage",
          "without dynamic allocation it runs on the application's executors, and "
              + GpuSettings.EXECUTOR
              + "amount is not set",
          "Set it to 1, or " + DYNAMIC_ALLOCATION + " to true");
    }
    if (executorCores != null
        || executorMemory != null
        || executorMemoryOverhead != null
        || discoveryScript != null
        || vendor != null) {
      throw new UserException(
          "Cannot give the generating stage executors of its own",
          "without dynamic allocation all stages run on the same executors",
          "Set " + DYNAMIC_ALLOCATION + " to true, or leave tasks_per_gpu alone");
    }
    GpuDiscovery.checkExecutors(conf);
  }

  private static boolean hasOwnExecutors(SparkConf conf) {
    return conf.getBoolean(DYNAMIC_ALLOCATION, false);
  }

  ResourceProfile profile(SparkConf conf) {
    ResourceProfileBuilder profile = new ResourceProfileBuilder();
    profile.require(new TaskResourceRequests().resource(GpuSettings.GPU, taskAmount()));
    if (hasOwnExecutors(conf)) {
      profile.require(executor());
    }
    return profile.build();
  }

  /** Such that Spark, which rounds the tasks of a card down, finds all of them. */
  double taskAmount() {
    double amount = 1.0 / tasksPerGpu;
    return Math.floor(1 / amount) < tasksPerGpu ? Math.nextDown(amount) : amount;
  }

  private ExecutorResourceRequests executor() {
    ExecutorResourceRequests executor = new ExecutorResourceRequests();
    executor.resource(GpuSettings.GPU, 1, orEmpty(discoveryScript), orEmpty(vendor));
    if (executorCores != null) {
      executor.cores(executorCores);
    }
    try {
      if (executorMemory != null) {
        executor.memory(executorMemory);
      }
      if (executorMemoryOverhead != null) {
        executor.memoryOverhead(executorMemoryOverhead);
      }
    } catch (NumberFormatException e) {
      throw new UserException(
          "Cannot use the memory of the generating stage's executors",
          String.valueOf(e.getMessage()),
          "Write it as Spark has it, such as 16g",
          e);
    }
    return executor;
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
