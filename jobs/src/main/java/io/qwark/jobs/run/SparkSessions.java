package io.qwark.jobs.run;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.SparkConfig;
import io.qwark.udf.GpuSettings;
import io.qwark.udf.SparkSettings;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.sql.SparkSession;

/** Starts Spark for a job. */
public final class SparkSessions {
  private static final String MASTER = "spark.master";
  private static final String APP_NAME = "spark.app.name";

  /** What spark-submit calls an application that was given no name. */
  private static final String MAIN = "io.qwark.jobs.Main";

  private static final long PATIENCE_SECONDS = 5;

  /** What spark-submit sets where it was told no master. */
  private static final String SUBMIT_DEFAULT = "local[*]";

  /** Set by submit.sh, which knows whether that master was meant. */
  private static final String MASTER_GIVEN = "spark.qwark.masterGiven";

  private SparkSessions() {}

  /**
   * Starts a session, or takes the one there is. What spark-submit was told goes before the
   * configuration; its default master does not.
   *
   * @throws UserException if Spark refuses its settings, or they ask for GPUs that no task would
   *     get
   */
  public static SparkSession start(String name, SparkConfig config) {
    SparkConf conf = conf(name, config);
    GpuSettings.check(conf, config.gpuStage());
    try {
      return SparkSession.builder().config(conf).getOrCreate();
    } catch (Exception e) {
      // Also the checked ones, which Spark throws without declaring them.
      throw new UserException(
          "Cannot start Spark",
          String.valueOf(e.getMessage()).lines().findFirst().orElse("it failed"),
          "Check `spark.master`, `spark.conf` and the options given to spark-submit",
          e);
    }
  }

  static SparkConf conf(String name, SparkConfig config) {
    SparkConf conf = new SparkConf();
    if (conf.get(APP_NAME, MAIN).equals(MAIN)) {
      conf.set(APP_NAME, name);
    }
    config.conf().forEach(conf::setIfMissing);
    SparkSettings.addTo(conf);
    // Samples have more columns than plans show by default, which Spark would warn of.
    conf.setIfMissing("spark.sql.debug.maxToStringFields", "100");
    String master = conf.get(MASTER, SUBMIT_DEFAULT);
    boolean meant = conf.getBoolean(MASTER_GIVEN, !master.equals(SUBMIT_DEFAULT));
    conf.set(MASTER, meant || config.master() == null ? master : config.master());
    return conf;
  }

  /** Whether executors run in the driver's process. */
  public static boolean isLocal(SparkSession spark) {
    return spark.sparkContext().isLocal();
  }

  /** Cancels all jobs and waits a while for their tasks, which may still write, to end. */
  public static void cancel(SparkSession session) {
    SparkContext context = session.sparkContext();
    if (context.isStopped()) {
      return;
    }
    context.cancelAllJobs();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (!context.isStopped() && runningTasks(context) > 0 && System.nanoTime() < end) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int runningTasks(SparkContext context) {
    return Arrays.stream(context.statusTracker().getExecutorInfos())
        .mapToInt(SparkExecutorInfo::numRunningTasks)
        .sum();
  }
}
