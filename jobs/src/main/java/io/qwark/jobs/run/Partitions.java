package io.qwark.jobs.run;

import io.qwark.jobs.config.SparkConfig;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Spreads prompts over tasks; what a prompt generates does not depend on it. */
public final class Partitions {
  /** Enough tasks for each core that the last ones keep all cores busy. */
  private static final int TASKS_PER_CORE = 4;

  /** A task that is tried again repeats its finished rows, so it has not too many of them. */
  private static final int ROWS_PER_TASK = 256;

  private Partitions() {}

  /**
   * @param n samples of each row
   * @param atATime samples that one replica works on at a time
   */
  public static Dataset<Row> spread(
      SparkSession spark, Dataset<Row> rows, long count, int n, int atATime, SparkConfig config) {
    int wanted =
        config.partitions() == null
            ? byDefault(count, n, atATime, spark.sparkContext().defaultParallelism())
            : config.partitions();
    // Rows of any kind are dealt out in turn: neighbours, often alike in length, are parted.
    return spark.createDataFrame(rows.toJavaRDD().repartition(wanted), rows.schema());
  }

  static int byDefault(long rows, int n, int atATime, int cores) {
    // A task on its own is to fill a replica, but not while cores are idle.
    long full = Math.max(cores, rows * n / atATime);
    long tasks = Math.max(Math.min(full, (long) TASKS_PER_CORE * cores), rows / ROWS_PER_TASK);
    return (int) Math.max(1, Math.min(rows, Math.min(tasks, Integer.MAX_VALUE)));
  }
}
