package io.qwark.udf;

import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Names the Spark jobs that the current thread starts until it is closed, as the Spark UI shows
 * them, and can cancel them all. Scopes nest; open and close on one thread.
 */
public final class JobScope implements AutoCloseable {
  private static final String GROUP = "spark.jobGroup.id";
  private static final String DESCRIPTION = "spark.job.description";
  private static final String INTERRUPT = "spark.job.interruptOnCancel";
  private static final String STAGE_NAME = "callSite.short";

  private final SparkContext spark;
  private final String id = "qwark-" + UUID.randomUUID();
  private final String group;
  private final String description;
  private final String interrupt;
  private final String stageName;

  private JobScope(SparkContext spark) {
    this.spark = spark;
    group = spark.getLocalProperty(GROUP);
    description = spark.getLocalProperty(DESCRIPTION);
    interrupt = spark.getLocalProperty(INTERRUPT);
    stageName = spark.getLocalProperty(STAGE_NAME);
  }

  /**
   * @param description of what the jobs do for the user, such as {@code Generate 4 samples of each
   *     problem}; also the name of their stages
   */
  public static JobScope open(SparkSession session, String description) {
    JobScope scope = new JobScope(session.sparkContext());
    scope.spark.setJobGroup(scope.id, description, true);
    scope.spark.setLocalProperty(STAGE_NAME, description);
    return scope;
  }

  /**
   * Cancels the jobs that are running in this scope, from any thread; their actions fail in the
   * threads that called them.
   */
  public void cancel() {
    spark.cancelJobGroup(id);
  }

  @Override
  public void close() {
    spark.setLocalProperty(GROUP, group);
    spark.setLocalProperty(DESCRIPTION, description);
    spark.setLocalProperty(INTERRUPT, interrupt);
    spark.setLocalProperty(STAGE_NAME, stageName);
  }
}
