package io.qwark.engine;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.ForwardModel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an engine's loop on a thread that owns a model, and on another one with a new model when
 * that one hangs or dies. Requests under way begin anew there, with the tokens that they have; one
 * that is to blame fails. A thread that hangs cannot be stopped and keeps its model's memory;
 * should it ever come back, it frees its model and ends.
 */
final class Supervisor {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

  private static final String CANNOT_LOAD = "its model cannot be loaded anew: ";

  /** Times that a model is replaced without a single request completed in between. */
  static final int MAX_RESTARTS = 3;

  /** Requests that may be to blame with none completed in between: so many are rather not. */
  static final int MAX_ACCUSED = 4;

  /** What is done with a model until {@link #closing}. */
  interface Loop {
    void run(ForwardModel model, ModelThread self) throws InterruptedException;
  }

  private final Supplier<ForwardModel> loader;
  private final Loop loop;
  private final UnderWay underWay;
  private final Consumer<Supplier<RequestException>> end;
  private final Duration stepTimeout;
  private final Watchdog watchdog;
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean closing;

  // Used, as what is under way, by one thread at a time.
  private Work loading;
  private long firstLoadNanos;
  private int restartsInVain;
  private long completedBefore;

  /**
   * @param loader called on the thread that is to own the model
   * @param end called once, when the last model is gone, with what to fail requests with
   */
  Supervisor(
      Supplier<ForwardModel> loader,
      Loop loop,
      UnderWay underWay,
      Consumer<Supplier<RequestException>> end,
      Duration stepTimeout) {
    this.loader = loader;
    this.loop = loop;
    this.underWay = underWay;
    this.end = end;
    this.stepTimeout = stepTimeout;
    this.watchdog = new Watchdog(stepTimeout, this::stalled);
  }

  /** Waits for the first model; what loading throws is thrown here. */
  void start() {
    launch(Work.firstLoad());
    Throwables.join(loaded);
  }

  boolean closing() {
    return closing;
  }

  /** Lets the loop end as soon as it looks. */
  void askToEnd() {
    closing = true;
    watchdog.hurry();
  }

  /** Waits even if the caller is interrupted, whose flag stays set. */
  void awaitEnd() {
    ended.join();
  }

  private void launch(Work load) {
    loading = load;
    ModelThread thread = new ModelThread(this::run);
    watchdog.watch(thread);
    thread.start();
  }

  @SuppressWarnings("CatchingUnchecked")
  private void run(ModelThread self) {
    try {
      live(self);
    } catch (ModelThread.GivenUpException e) {
      LOG.warn("A thread that was given up came back; it freed its model and ends");
    } catch (Throwable e) {
      if (self.leave()) {
        LOG.error("The engine's thread died", e);
        replace("it died of " + e, e);
      } else {
        LOG.warn("A thread that was given up came back with a failure and ends", e);
      }
    }
  }

  private void live(ModelThread self) throws InterruptedException {
    self.begin(loading);
    long start = System.nanoTime();
    ForwardModel loadedModel;
    try {
      loadedModel = loader.get();
    } catch (Throwable e) {
      self.end();
      loadFailed(e);
      return;
    }
    try (ForwardModel model = loadedModel) {
      self.end();
      if (loaded.complete(null)) {
        firstLoadNanos = System.nanoTime() - start;
      }
      loop.run(model, self);
    }
    finish(Supervisor::closedException);
  }

  private void loadFailed(Throwable failure) {
    if (loaded.completeExceptionally(failure)) {
      finish(Supervisor::closedException);
    } else {
      LOG.error("Cannot load the model anew", failure);
      finish(() -> lostException(CANNOT_LOAD + failure, failure));
    }
  }

  /** On the watchdog's thread, which now owns what the stalled one did. */
  private void stalled(Work work, String howLong) {
    String what = work.what() + ", " + howLong;
    if (work == loading && !closing) {
      finish(() -> lostException(CANNOT_LOAD + what, null));
    } else {
      replace(what, null);
    }
  }

  @SuppressWarnings("CatchingUnchecked")
  private void replace(String why, Throwable cause) {
    try {
      restartsInVain = underWay.completed() > completedBefore ? 0 : restartsInVain;
      completedBefore = underWay.completed();
      int before = underWay.requests().size();
      if (closing) {
        finish(Supervisor::closedException);
      } else if (underWay.blame(why)) {
        // What came before was due to that request, too.
        restartsInVain = Math.max(0, restartsInVain - 1);
        helpOrFinish(underWay.accusedInVain(), MAX_ACCUSED, before, why, cause);
      } else {
        helpOrFinish(++restartsInVain, MAX_RESTARTS, before, why, cause);
      }
    } catch (Throwable e) {
      LOG.error("Cannot replace the engine's thread", e);
      finish(() -> lostException("its thread cannot be replaced: " + e, e));
    }
  }

  private void helpOrFinish(int time, int most, int requests, String why, Throwable cause) {
    if (time > most) {
      finish(
          () ->
              lostException(
                  "loading the model anew %d times did not help: %s".formatted(most, why), cause));
      return;
    }
    LOG.warn(
        "Loading the model anew, time {} of at most {} in a row; {} requests go on there",
        time,
        most,
        requests);
    underWay.beginAnew();
    launch(Work.reload(stepTimeout, firstLoadNanos));
  }

  private void finish(Supplier<RequestException> why) {
    watchdog.close();
    try {
      end.accept(why);
    } finally {
      ended.complete(null);
    }
  }

  private static RequestException lostException(String why, Throwable cause) {
    return new RequestException(
        ErrorCode.REPLICA_LOST, "The engine cannot be brought back; " + why, cause);
  }

  private static RequestException closedException() {
    return new RequestException(ErrorCode.CANCELLED, "The engine was closed");
  }
}
