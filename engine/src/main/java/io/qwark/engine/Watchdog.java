package io.qwark.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again, from a thread of its own, whether a model's thread gets on with its work,
 * and gives it up if it does not: if it used no processor for as long as the work allows, or if the
 * work takes longer than it may. Time in which the whole process stood still does not count.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  /** Looks in the time that a step may take. */
  private static final int LOOKS = 20;

  private static final long MIN_PAUSE = Duration.ofMillis(10).toNanos();
  private static final long MAX_PAUSE = Duration.ofSeconds(5).toNanos();

  /** Part of a processor that a thread must use to count as working: polling uses less. */
  private static final double WORKING = 0.01;

  /** How long a thread may be idle once the engine is to be closed. */
  private static final long CLOSE_PATIENCE = Duration.ofMinutes(1).toNanos();

  private final BiConsumer<Work, String> stalled;
  private final long pause;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile ModelThread watched;
  private volatile boolean impatient;

  // Used by the watchdog's thread alone.
  private Work work;
  private long lookedAt;
  private long cpu;
  private long taken;
  private long idle;

  /**
   * @param stalled called on the watchdog's thread after a thread was given up, with the work and a
   *     sentence about how long it took
   */
  Watchdog(Duration stepTimeout, BiConsumer<Work, String> stalled) {
    this.stalled = stalled;
    this.pause = Math.max(MIN_PAUSE, Math.min(MAX_PAUSE, stepTimeout.toNanos() / LOOKS));
    Thread thread = new Thread(this::run, "qwark-watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  /** From now on watches this thread and no other. */
  void watch(ModelThread thread) {
    watched = thread;
  }

  /** Gives a thread up after a minute without progress if that is less than its work allows. */
  void hurry() {
    impatient = true;
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void run() {
    try {
      while (!closed.await(pause, TimeUnit.NANOSECONDS)) {
        lookSafely();
      }
    } catch (InterruptedException e) {
      LOG.warn("Somebody interrupted the watchdog: stalls will not be noticed", e);
    }
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException | Error e) {
      LOG.error("The watchdog cannot see how the engine is; it tries again", e);
    }
  }

  private void look() {
    ModelThread thread = watched;
    if (thread == null) {
      return;
    }
    Work current = thread.work();
    long now = System.nanoTime();
    long cpuNow = thread.cpuNanos();
    if (current == null || current != work) {
      work = current;
      taken = 0;
      idle = 0;
    } else {
      // A longer gap means that the process was stopped, and the thread with it.
      long gap = Math.min(now - lookedAt, 2 * pause);
      taken += gap;
      idle = cpuNow - cpu >= WORKING * gap ? 0 : idle + gap;
      giveUpIfStalled(thread);
    }
    lookedAt = now;
    cpu = cpuNow;
  }

  private void giveUpIfStalled(ModelThread thread) {
    long idleLimit = impatient ? Math.min(CLOSE_PATIENCE, work.idleNanos()) : work.idleNanos();
    if (idle < idleLimit && taken < work.mostNanos()) {
      return;
    }
    String howLong =
        "no end after %.1f s, the last %.1f s of them without using a processor"
            .formatted(taken / 1e9, idle / 1e9);
    // Looked at before it is given up: where it hangs is all that will be known.
    String report =
        "The engine stalls: %s.\n%s.\n%s".formatted(howLong, work.what(), thread.whereabouts());
    if (thread.giveUp(work)) {
      try {
        LOG.error(report);
      } finally {
        stalled.accept(work, howLong);
      }
    }
  }
}
