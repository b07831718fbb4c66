package io.qwark.jobs;

import io.qwark.jobs.report.ProgressPoint;
import io.qwark.jobs.report.ProgressPrinter;
import io.qwark.jobs.report.ProgressState;
import io.qwark.jobs.report.TerminalStyle;
import io.qwark.udf.InferenceMetrics;
import io.qwark.udf.JobScope;
import io.qwark.udf.Progress;
import io.qwark.udf.ProgressListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;

/** Shows how far a job is while another thread does it, and remembers it for the report. */
final class ProgressWatch implements AutoCloseable {
  private static final long PERIOD_MS = 500;
  private static final int MOST_POINTS = 2000;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "qwark-progress");
            thread.setDaemon(true);
            return thread;
          });
  private final long began = System.nanoTime();
  private final List<ProgressPoint> points = new ArrayList<>();
  private final SparkContext spark;
  private final ProgressListener listener;
  private final ProgressPrinter printer;
  private final JobScope scope;
  private final long total;
  private double ready;

  private ProgressWatch(JobContext context, InferenceMetrics metrics, long total) {
    spark = context.spark().sparkContext();
    listener = ProgressListener.start(context.spark(), metrics);
    printer = new ProgressPrinter(context.terminal().progress(), TerminalStyle.detect());
    scope = JobScope.open(context.spark(), "Generate " + total + " samples");
    this.total = total;
  }

  /**
   * @param total samples to come
   */
  static ProgressWatch start(JobContext context, InferenceMetrics metrics, long total) {
    ProgressWatch watch = new ProgressWatch(context, metrics, total);
    var unused =
        watch.timer.scheduleAtFixedRate(watch::show, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    return watch;
  }

  private synchronized void show() {
    printer.update(state());
  }

  private ProgressState state() {
    Progress progress = listener.snapshot();
    double elapsed = seconds();
    if (progress.replicasLoaded() > 0 && ready == 0) {
      ready = elapsed;
    }
    remember(new ProgressPoint(elapsed, progress.samplesDone(), progress.completionTokens()));
    int known = spark.statusTracker().getExecutorInfos().length;
    return new ProgressState(
        Math.max(1, spark.isLocal() ? 1 : known - 1),
        progress.replicasLoaded(),
        ready,
        progress.samplesDone(),
        total,
        progress.completionTokens(),
        progress.samplesError(),
        elapsed);
  }

  /** Keeps the points few in a run of days: every second one goes when they become many. */
  private void remember(ProgressPoint point) {
    points.add(point);
    if (points.size() > MOST_POINTS) {
      List<ProgressPoint> all = List.copyOf(points);
      points.clear();
      for (int i = 0; i < all.size(); i += 2) {
        points.add(all.get(i));
      }
    }
  }

  private double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  /** Shows the end. */
  synchronized Seen finish() {
    double seconds = seconds();
    printer.finish(state());
    return new Seen(seconds, List.copyOf(points));
  }

  /**
   * What was seen of a job from its start to its end.
   *
   * @param seconds it took, loading of models included
   * @param points in order of time
   */
  record Seen(double seconds, List<ProgressPoint> points) {}

  @Override
  public void close() {
    timer.shutdownNow();
    listener.close();
    scope.close();
  }
}
