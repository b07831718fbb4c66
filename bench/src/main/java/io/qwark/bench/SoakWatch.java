package io.qwark.bench;

import io.qwark.engine.LocalModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Sees, from a thread of its own, how long the engine goes without a step and how memory grows.
 * Time in which the whole process was stopped is not the engine's.
 */
final class SoakWatch implements AutoCloseable {
  private static final int PAUSE_MS = 20;

  /** Two looks are further apart only if the process was stopped. */
  private static final double LONGEST_PAUSE = 1;

  private static final int MEMORY_EVERY = 50;

  private final LocalModel model;
  private final BooleanSupplier hasWork;
  private final long start = System.nanoTime();
  private final List<double[]> memory = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closed;
  private volatile double longestGap;
  private volatile double gapSinceAsked;

  /**
   * @param hasWork whether any request is under way
   */
  SoakWatch(LocalModel model, BooleanSupplier hasWork) {
    this.model = model;
    this.hasWork = hasWork;
    this.thread = new Thread(this::run, "soak-watch");
    thread.setDaemon(true);
    thread.start();
  }

  /** Longest time in seconds between two steps while there was work. */
  double longestGap() {
    return longestGap;
  }

  /** The same since it was last asked. */
  double gapSinceAsked() {
    double gap = gapSinceAsked;
    gapSinceAsked = 0;
    return gap;
  }

  /**
   * By how many MiB anonymous memory grew after the first third of the time, along the line that
   * fits it best.
   */
  synchronized double growth() {
    return growth(memory);
  }

  /**
   * @param memory pairs of seconds and MiB, in the order of time
   */
  static double growth(List<double[]> memory) {
    double from = (memory.get(memory.size() - 1)[0]) / 3;
    List<double[]> points = memory.stream().filter(p -> p[0] >= from).toList();
    double meanX = points.stream().mapToDouble(p -> p[0]).average().orElse(0);
    double meanY = points.stream().mapToDouble(p -> p[1]).average().orElse(0);
    double xy = points.stream().mapToDouble(p -> (p[0] - meanX) * (p[1] - meanY)).sum();
    double xx = points.stream().mapToDouble(p -> (p[0] - meanX) * (p[0] - meanX)).sum();
    double slope = xx == 0 ? 0 : xy / xx;
    return slope * (points.get(points.size() - 1)[0] - points.get(0)[0]);
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }

  private void run() {
    long steps = -1;
    double gap = 0;
    long before = System.nanoTime();
    for (int look = 0; !closed; look++) {
      long now = System.nanoTime();
      long seen = model.stats().steps();
      boolean goesOn = seen != steps || !hasWork.getAsBoolean();
      gap = goesOn ? 0 : gap + Math.min(LONGEST_PAUSE, (now - before) / 1e9);
      steps = seen;
      before = now;
      longestGap = Math.max(longestGap, gap);
      gapSinceAsked = Math.max(gapSinceAsked, gap);
      if (look % MEMORY_EVERY == 0) {
        remember((now - start) / 1e9);
      }
      pause();
    }
  }

  private synchronized void remember(double seconds) {
    memory.add(new double[] {seconds, ProcessMemory.now().anonymous()});
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the watch", e);
    }
  }
}
