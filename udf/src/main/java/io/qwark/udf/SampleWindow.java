package io.qwark.udf;

import io.qwark.engine.api.Generation;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.spark.TaskContext;

/**
 * The samples that a task has under way and those that are finished and not yet taken; at most
 * {@code capacity} of either, so that neither a fast reader nor a slow writer fills the memory.
 * Finished samples come out in the order in which they finish. Used by the task's thread; the
 * model's threads only put finished samples in.
 */
final class SampleWindow implements AutoCloseable {
  private final int capacity;
  private final Set<CompletableFuture<Generation>> underWay = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();

  /**
   * A sample that has a result.
   *
   * @param generation or null if it failed
   * @param failure or null
   */
  record Finished(Sample sample, Generation generation, Throwable failure) {}

  SampleWindow(int capacity) {
    this.capacity = capacity;
  }

  boolean hasRoom() {
    return underWay.size() < capacity && finished.size() < capacity;
  }

  boolean isEmpty() {
    // In this order: a sample goes into the second before it leaves the first.
    return underWay.isEmpty() && finished.isEmpty();
  }

  void add(Sample sample, CompletableFuture<Generation> future) {
    underWay.add(future);
    var unused =
        future.whenComplete(
            (generation, failure) -> {
              finished.add(new Finished(sample, generation, failure));
              underWay.remove(future);
            });
  }

  /** Waits for the next sample to finish; there must be one. */
  Finished take(TaskContext context) {
    Finished next = finished.poll();
    return next != null ? next : TaskWaits.await(context, finished::poll);
  }

  /** Cancels what is under way. */
  @Override
  public void close() {
    underWay.forEach(future -> future.cancel(false));
  }
}
