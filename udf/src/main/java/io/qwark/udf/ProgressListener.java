package io.qwark.udf;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import scala.Tuple4;

/**
 * Follows a job while it runs: tasks report with each heartbeat ({@link SparkSettings} makes them
 * more frequent), and with their end. A task is counted either as running or as finished, and an
 * attempt that fails is taken out again, so a number may fall. {@link #snapshot} may be called from
 * any thread; close it when the job is done.
 */
public final class ProgressListener extends SparkListener implements AutoCloseable {
  private final SparkContext spark;
  private final InferenceMetrics metrics;
  private final Map<Long, TaskCounts> running = new HashMap<>();
  private final TaskCounts finished = new TaskCounts();

  private ProgressListener(SparkContext spark, InferenceMetrics metrics) {
    this.spark = spark;
    this.metrics = metrics;
  }

  /** Follows the computations of the tables that were made with these metrics, from now on. */
  public static ProgressListener start(SparkSession session, InferenceMetrics metrics) {
    ProgressListener listener = new ProgressListener(session.sparkContext(), metrics);
    listener.spark.addSparkListener(listener);
    return listener;
  }

  /** What is known now; a heartbeat old for running tasks. */
  public synchronized Progress snapshot() {
    TaskCounts all = new TaskCounts();
    all.add(finished);
    running.values().forEach(all::add);
    return all.progress(metrics);
  }

  /** Stops following; snapshots stay as they are. */
  @Override
  public void close() {
    spark.removeSparkListener(this);
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart start) {
    running.put(start.taskInfo().taskId(), new TaskCounts());
  }

  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    scala.collection.Iterator<
            ? extends
                Tuple4<Object, Object, Object, ? extends scala.collection.Seq<AccumulableInfo>>>
        tasks = update.accumUpdates().iterator();
    while (tasks.hasNext()) {
      var task = tasks.next();
      TaskCounts counts = TaskCounts.of(metrics, task._4());
      // A heartbeat may come in after the end of its task, which has said the last word.
      running.computeIfPresent((Long) task._1(), (id, before) -> counts);
      finished.addReplicas(counts);
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
    // Spark gives these to the first success of each task alone.
    if (end.taskInfo().successful()) {
      finished.add(TaskCounts.of(metrics, end.taskInfo().accumulables()));
    }
  }
}
