package io.qwark.udf;

import io.qwark.engine.api.Generation;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * The samples that a task has under way and those that are finished and not yet taken; at most a
 * capacity of either, so that neither a fast reader nor a slow writer fills the memory. Finished
 * samples come out in the order in which they finish. Used by the task's thread; the model's
 * threads only put finished samples in.
 */
final class SampleWindow implements AutoCloseable {
  private final IntSupplier capacity;
  private final Set<CompletableFuture<Generation>> toCancel = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();

  // Under way or finished. Counted by the task's thread alone, so that it never waits for a sample
  // of which only another thread knows that there is none.
  private int notTaken;

  /**
   * A sample that has a result.
   *
   * @param generation or null if it failed
   * @param failure or null
   */
  record Finished(Sample sample, Generation generation, Throwable failure) {}

  /**
   * @param capacity at least 1; may change, and what is under way beyond a smaller one goes on
   */
  SampleWindow(IntSupplier capacity) {
    this.capacity = capacity;
  }

  boolean hasRoom() {
    int most = capacity.getAsInt();
    int done = finished.size();
    return notTaken - done < most && done < most;
  }

  boolean isEmpty() {
    return notTaken == 0;
  }

  void add(Sample sample, CompletableFuture<Generation> future) {
    notTaken++;
    toCancel.add(future);
    var unused =
        future.whenComplete(
            (generation, failure) -> {
              toCancel.remove(future);
              finished.add(new Finished(sample, generation, failure));
            });
  }

  /**
   * Waits for the next sample to finish.
   *
   * @param killed whether Spark wants the task to end
   */
  Finished take(BooleanSupplier killed) {
    if (isEmpty()) {
      throw new IllegalStateException("no sample is under way");
    }
    Finished next = finished.poll();
    if (next == null) {
      next = TaskWaits.await(killed, finished::poll);
    }
    notTaken--;
    return next;
  }

  /** Cancels what is under way. */
  @Override
  public void close() {
    toCancel.forEach(future -> future.cancel(false));
  }
}
