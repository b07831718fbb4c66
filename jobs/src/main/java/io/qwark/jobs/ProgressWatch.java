package io.qwark.jobs;

import io.qwark.jobs.report.ProgressPoint;
import io.qwark.jobs.report.ProgressPrinter;
import io.qwark.jobs.report.ProgressState;
import io.qwark.jobs.report.TerminalStyle;
import io.qwark.udf.InferenceMetrics;
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
  private final long total;
  private double ready;

  private ProgressWatch(JobContext context, InferenceMetrics metrics, long total) {
    spark = context.spark().sparkContext();
    listener = ProgressListener.start(context.spark(), metrics);
    printer = new ProgressPrinter(context.terminal().progress(), TerminalStyle.detect());
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
    points.add(new ProgressPoint(elapsed, progress.samplesDone(), progress.completionTokens()));
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

  private double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  /** Shows the end and returns the seconds since the start. */
  synchronized double finish() {
    double seconds = seconds();
    printer.finish(state());
    return seconds;
  }

  /** What was seen, in order of time. */
  synchronized List<ProgressPoint> points() {
    return List.copyOf(points);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    listener.close();
  }
}
