package io.qwark.udf;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.SparkConf;

/** Spark's settings about GPUs, and our own: their names, and what they must not say. */
public final class GpuSettings {
  /** What Spark and its cluster managers call the resource. */
  static final String GPU = "gpu";

  static final String EXECUTOR = "spark.executor.resource.gpu.";
  static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";
  static final String DRIVER = "spark.driver.resource.gpu.";

  /** Whether several processes of a host may hold replicas on one card; false unless set. */
  static final String SHARED = "spark.qwark.gpu.shared";

  /** Folder of the host's lock files; one of the user's own in /tmp unless set. */
  static final String LOCK_FOLDER = "spark.qwark.gpu.lockFolder";

  /** How long to wait for a card that another process holds, which may be about to end. */
  static final String LOCK_TIMEOUT = "spark.qwark.gpu.lockTimeout";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private GpuSettings() {}

  /**
   * Checks that GPUs which are asked for can be had and reach the tasks: before Spark starts, since
   * most of these mistakes would show as executors that die one after the other, as tasks that wait
   * for ever, or as replicas on the CPU beside idle cards.
   *
   * @param stage of the generation alone, or null
   * @throws UserException naming the setting to correct
   */
  public static void check(SparkConf conf, GpuStage stage) {
    String master = conf.get("spark.master", "");
    double executor = amount(conf, EXECUTOR + "amount");
    double task = amount(conf, TASK_AMOUNT);
    if (isLocal(master)) {
      checkLocal(conf, executor, task, stage);
    } else if (stage != null) {
      stage.check(conf);
    } else {
      checkTasks(executor, task);
      if (executor > 0) {
        GpuDiscovery.checkExecutors(conf);
      }
    }
  }

  private static void checkLocal(SparkConf conf, double executor, double task, GpuStage stage) {
    if (executor > 0 || task > 0 || stage != null) {
      throw new UserException(
          "Cannot give a GPU to executors",
          "Spark runs in this process alone (spark.master is "
              + conf.get("spark.master")
              + "), and so has no executors",
          "Set "
              + DRIVER
              + "amount=1 and "
              + DRIVER
              + "discoveryScript instead, as conf/spark-gpu-local.conf does");
    }
    if (amount(conf, DRIVER + "amount") > 1) {
      throw onlyOne(DRIVER + "amount");
    }
  }

  private static void checkTasks(double executor, double task) {
    if (executor > 0 && task == 0) {
      throw new UserException(
          "Cannot use the executors' GPUs",
          EXECUTOR + "amount is set and " + TASK_AMOUNT + " is not, so no task is given a GPU",
          "Set "
              + TASK_AMOUNT
              + " to 1 divided by the tasks that are to feed one card, such as 0.125");
    }
    if (task > 1) {
      throw onlyOne(TASK_AMOUNT);
    }
  }

  private static UserException onlyOne(String key) {
    return new UserException(
        "Cannot give more than one GPU to a replica",
        key + " is more than 1, and a replica computes on one card, so the others would idle",
        "Set " + key + " to 1 or less; more cards hold more replicas");
  }

  /** Whether tasks run in the driver's process. */
  static boolean isLocal(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  static double amount(SparkConf conf, String key) {
    String text = conf.get(key, "0");
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new UserException(
          "Cannot use " + key + " = " + text, "it is not a number", "Correct it", e);
    }
  }

  /**
   * The lock of a card; null where processes are allowed to share cards.
   *
   * @param owner what to call this process to others
   */
  static CardLock lock(SparkConf conf, String card, String owner) {
    if (conf.getBoolean(SHARED, false)) {
      return null;
    }
    String folder = conf.get(LOCK_FOLDER, null);
    return new CardLock(
        folder == null ? CardLock.defaultFolder() : Path.of(folder),
        card,
        owner,
        Duration.ofMillis(conf.getTimeAsMs(LOCK_TIMEOUT, PATIENCE.toSeconds() + "s")));
  }
}
