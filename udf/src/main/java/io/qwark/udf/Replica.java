package io.qwark.udf;

import io.qwark.engine.api.Placement;
import io.qwark.engine.api.TextModel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A replica of this process that is being loaded, is loaded or could not be loaded. */
final class Replica {
  private final Placement placement;
  private final int number;
  private final String scope;
  private final CompletableFuture<Loaded> loaded = new CompletableFuture<>();

  /** A model and the time it took to load it. */
  record Loaded(TextModel model, double loadMs) {}

  /**
   * @param scope in which a failure, to load or later, is final
   */
  Replica(Placement placement, int number, String scope) {
    this.placement = placement;
    this.number = number;
    this.scope = scope;
  }

  int number() {
    return number;
  }

  Placement placement() {
    return placement;
  }

  String device() {
    return placement.device();
  }

  CompletableFuture<Loaded> loaded() {
    return loaded;
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
