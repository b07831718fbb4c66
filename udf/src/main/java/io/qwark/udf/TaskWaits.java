package io.qwark.udf;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.TaskKilledException;

/**
 * Waiting that ends soon after Spark kills the task, also where it does not interrupt the thread.
 */
final class TaskWaits {
  private static final long LOOK_EVERY_MS = 50;

  private TaskWaits() {}

  /** A wait of the JDK that gives up after a time. */
  @FunctionalInterface
  interface TimedWait<T> {
    /**
     * @return null if the time passed
     */
    T await(long time, TimeUnit unit) throws InterruptedException;
  }

  /**
   * Waits until there is a value.
   *
   * @param killed whether Spark wants the task to end
   * @throws TaskKilledException if the task is killed or its thread interrupted meanwhile
   */
  static <T> T await(BooleanSupplier killed, TimedWait<T> wait) {
    try {
      while (true) {
        if (killed.getAsBoolean()) {
          throw new TaskKilledException("killed while it waited for the model");
        }
        T value = wait.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
        if (value != null) {
          return value;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskKilledException("interrupted while it waited for the model");
    }
  }
}
