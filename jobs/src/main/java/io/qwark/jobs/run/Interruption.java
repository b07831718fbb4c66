package io.qwark.jobs.run;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * Ends a job cleanly on Ctrl-C: says so in one line, cancels what runs and stops Spark. The JVM
 * then exits with 130 (SIGINT) or 143 (SIGTERM) by itself.
 */
public final class Interruption implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean interrupted;

  private Interruption(PrintWriter err) {
    hook = new Thread(() -> stop(err), "qwark-interruption");
  }

  public static Interruption watch(PrintWriter err) {
    Interruption interruption = new Interruption(err);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Whether the job is being ended, so that its failure is not worth a message. */
  public boolean interrupted() {
    return interrupted;
  }

  private void stop(PrintWriter err) {
    interrupted = true;
    err.println();
    err.println("Interrupted: stopping Spark; finished parts of this run are not kept.");
    err.flush();
    Option<SparkSession> session = SparkSession.getDefaultSession();
    if (session.isDefined()) {
      SparkContext context = session.get().sparkContext();
      if (!context.isStopped()) {
        context.cancelAllJobs();
        context.stop();
      }
    }
    try {
      // The job's own thread now tidies up; the JVM would not wait for it.
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        err.println("Gave up waiting for the job to end.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down already: the hook runs, and this thread has no more to do.
      interrupted = true;
    }
    ended.countDown();
  }
}
