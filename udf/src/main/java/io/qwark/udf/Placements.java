package io.qwark.udf;

import io.qwark.engine.api.Placement;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Where a task's replica stands. */
final class Placements {
  /** Spark's name of the driver among executors. */
  private static final String DRIVER = "driver";

  private static final String CORES = "spark.executor.cores";

  private Placements() {}

  /**
   * The GPU that Spark gave the task, else the CPU.
   *
   * @param driverGpu address of the GPU for tasks of a driver that runs them itself, or null
   * @param stage of the task, or null
   */
  static Seat of(TaskContext context, SparkEnv env, String driverGpu, GpuStage stage) {
    boolean isDriver = DRIVER.equals(env.executorId());
    int processors =
        processors(
            env.conf(),
            isDriver,
            stage == null ? null : stage.executorCores(),
            Runtime.getRuntime().availableProcessors());
    String address = isDriver ? driverGpu : first(context.resourcesJMap().get(GpuSettings.GPU));
    if (address == null) {
      return Seat.unlocked(new Placement("cpu", processors));
    }
    CudaDevice device = CudaDevices.device(address);
    String owner =
        "process %d (executor %s of %s)"
            .formatted(ProcessHandle.current().pid(), env.executorId(), env.conf().getAppId());
    return new Seat(
        new Placement("cuda:" + device.ordinal(), processors),
        GpuSettings.lock(env.conf(), device.card(), owner));
  }

  /** Address of the driver's GPU if it runs the tasks itself and has one, else null. */
  static String driverGpu(SparkContext spark) {
    scala.Option<ResourceInformation> gpu = spark.resources().get(GpuSettings.GPU);
    return GpuSettings.isLocal(spark.master()) && gpu.isDefined() ? first(gpu.get()) : null;
  }

  private static String first(ResourceInformation gpu) {
    return gpu == null || gpu.addresses().length == 0 ? null : gpu.addresses()[0];
  }

  /**
   * An executor that was given some of its host's cores leaves the others to its neighbours.
   *
   * @param isDriver a driver that runs its tasks itself has no such neighbours
   * @param ofStage cores of the stage's own executors, or null
   * @param seen processors that this process sees
   */
  static int processors(SparkConf conf, boolean isDriver, Integer ofStage, int seen) {
    int given = ofStage == null ? conf.getInt(CORES, seen) : ofStage;
    return isDriver ? seen : Math.max(1, Math.min(seen, given));
  }
}
