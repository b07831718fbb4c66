package io.qwark.udf;

import io.qwark.engine.api.TextModel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A replica of this process that is being loaded, is loaded or could not be loaded. */
final class Replica {
  private final Seat seat;
  private final int number;
  private final String scope;
  private final CompletableFuture<Loaded> loaded = new CompletableFuture<>();
  private final AtomicInteger feeders = new AtomicInteger();

  /**
   * A model and the time it took to load it.
   *
   * @param lock held as long as the model is there, or null
   */
  record Loaded(TextModel model, double loadMs, CardLock.Held lock) implements AutoCloseable {
    @Override
    public void close() {
      try {
        model.close();
      } finally {
        unlock(lock);
      }
    }

    static void unlock(CardLock.Held lock) {
      if (lock != null) {
        lock.close();
      }
    }
  }

  /**
   * @param scope in which a failure, to load or later, is final
   */
  Replica(Seat seat, int number, String scope) {
    this.seat = seat;
    this.number = number;
    this.scope = scope;
  }

  int number() {
    return number;
  }

  Seat seat() {
    return seat;
  }

  String device() {
    return seat.placement().device();
  }

  CompletableFuture<Loaded> loaded() {
    return loaded;
  }

  /** Tasks that have samples under way here; each counts itself in and out. */
  AtomicInteger feeders() {
    return feeders;
  }

  /** Whether a task of this scope gets this replica, or its failure, and no new one. */
  boolean serves(String scopeOfTask) {
    return scope.equals(scopeOfTask) || !hasFailed();
  }

  private boolean hasFailed() {
    return loaded.isCompletedExceptionally()
        || (loaded.isDone() && loaded.join().model().hasFailed());
  }

  /**
   * Waits until it is loaded.
   *
   * @param killed whether Spark wants the task to end
   * @throws RuntimeException if it could not be loaded; a new one for each caller
   */
  Loaded await(BooleanSupplier killed) {
    return TaskWaits.await(killed, this::poll);
  }

  private Loaded poll(long time, TimeUnit unit) throws InterruptedException {
    try {
      return loaded.get(time, unit);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      throw TaskErrors.of("Cannot load a replica on " + device(), e.getCause());
    }
  }
}
