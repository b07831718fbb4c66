package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import io.qwark.engine.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inner loop: take in what was submitted, plan a step, compute it, hand out what is finished.
 * One thread does all that and owns the model; {@link #submit} may be called from any other.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private final EngineLimits limits;
  private final Tokenizer tokenizer;
  private final Scheduler scheduler;
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

  /** In the order of submission. */
  private final Map<Sequence, ActiveRequest> active = new LinkedHashMap<>();

  private final Thread thread;
  private boolean closing;
  private volatile boolean closed;
  private volatile EngineStats stats;
  private long steps;
  private long promptTokens;
  private long completionTokens;
  private long preemptions;

  private Engine(
      EngineLimits limits,
      Tokenizer tokenizer,
      Function<EngineLimits, ForwardModel> loader,
      CompletableFuture<Void> loaded) {
    this.limits = limits;
    this.tokenizer = tokenizer;
    this.scheduler =
        new Scheduler(limits.cacheTokens(), limits.maxNumSeqs(), limits.maxNumBatchedTokens());
    this.thread = new Thread(() -> run(loader, loaded), "qwark-engine");
    thread.setDaemon(true);
    publishStats();
  }

  /**
   * Starts an engine and waits until its model is loaded.
   *
   * @param loader called on the engine's thread; what it throws is thrown here
   * @param tokenizer for stop strings; not closed by the engine
   */
  static Engine start(
      EngineLimits limits, Tokenizer tokenizer, Function<EngineLimits, ForwardModel> loader) {
    CompletableFuture<Void> loaded = new CompletableFuture<>();
    Engine engine = new Engine(limits, tokenizer, loader, loaded);
    engine.thread.start();
    try {
      Throwables.join(loaded);
    } catch (CancellationException e) {
      engine.inbox.add(() -> engine.closing = true);
      throw e;
    }
    return engine;
  }

  /**
   * Takes a request in and returns at once. The future completes on the engine's thread, so what
   * depends on it must be short; it fails with a {@link RequestException}. Cancelling it frees what
   * the request holds before the next step.
   */
  public CompletableFuture<Completion> submit(Request request) {
    CompletableFuture<Completion> result = new CompletableFuture<>();
    try {
      Admission.check(request, limits);
    } catch (RequestException e) {
      result.completeExceptionally(e);
      return result;
    }
    ActiveRequest active = new ActiveRequest(request, limits.maxModelLen(), tokenizer, result);
    inbox.add(() -> takeIn(active));
    if (closed) {
      result.completeExceptionally(closedException());
    }
    return result;
  }

  public EngineStats stats() {
    return stats;
  }

  /** Fails what is under way and frees the model. Returns when that is done. */
  @Override
  public void close() {
    inbox.add(() -> closing = true);
    Throwables.join(thread);
  }

  private void run(Function<EngineLimits, ForwardModel> loader, CompletableFuture<Void> loaded) {
    try (ForwardModel model = loader.apply(limits)) {
      loaded.complete(null);
      loop(new StepRunner(model, active));
    } catch (Throwable e) {
      if (!loaded.completeExceptionally(e)) {
        LOG.error("The engine ended unexpectedly", e);
      }
    } finally {
      closed = true;
      // Whatever was submitted just before is still in the inbox.
      inbox.forEach(Runnable::run);
      active.values().forEach(r -> r.result().completeExceptionally(closedException()));
    }
  }

  private void loop(StepRunner runner) throws InterruptedException {
    while (true) {
      takeIn();
      if (closing) {
        return;
      }
      StepPlan plan = scheduler.plan();
      if (!plan.isEmpty()) {
        step(plan, runner);
      }
      publishStats();
    }
  }

  private void takeIn() throws InterruptedException {
    if (active.isEmpty()) {
      inbox.take().run();
    }
    for (Runnable order = inbox.poll(); order != null; order = inbox.poll()) {
      order.run();
    }
    // Cancelled ones.
    new ArrayList<>(active.values())
        .stream().filter(r -> r.result().isDone()).forEach(this::remove);
  }

  private void takeIn(ActiveRequest request) {
    active.put(request.sequence(), request);
    scheduler.add(request.sequence());
  }

  private void step(StepPlan plan, StepRunner runner) {
    plan.runs().forEach(run -> active.get(run.sequence()).started());
    List<StepRunner.Ended> ended;
    try {
      ended = runner.run(plan);
      count(plan);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error(
          "A step of {} sequences failed; their requests fail with it", plan.runs().size(), e);
      ended =
          plan.runs().stream()
              .map(run -> new StepRunner.Ended(active.get(run.sequence()), null, e))
              .toList();
    }
    ended.forEach(end -> remove(end.request()));
    // Whoever hears of the end finds the numbers that go with it.
    publishStats();
    ended.forEach(Engine::complete);
  }

  private static void complete(StepRunner.Ended ended) {
    if (ended.failure() == null) {
      ended.request().result().complete(ended.completion());
    } else {
      ended.request().result().completeExceptionally(failure(ended.failure()));
    }
  }

  private void remove(ActiveRequest request) {
    scheduler.remove(request.sequence());
    active.remove(request.sequence());
  }

  private void count(StepPlan plan) {
    steps++;
    preemptions += plan.preempted();
    for (Run run : plan.runs()) {
      promptTokens +=
          Math.max(0, Math.min(run.count(), run.sequence().promptLength() - run.from()));
      completionTokens += run.reachesEnd() ? 1 : 0;
    }
  }

  private void publishStats() {
    stats =
        new EngineStats(
            steps,
            promptTokens,
            completionTokens,
            preemptions,
            scheduler.running(),
            scheduler.waiting(),
            scheduler.freeCacheTokens());
  }

  private static RequestException failure(Throwable cause) {
    return new RequestException(
        ErrorCode.ENGINE_FAILURE, "The engine failed: " + cause.getMessage(), cause);
  }

  private static RequestException closedException() {
    return new RequestException(ErrorCode.CANCELLED, "The engine was closed");
  }
}
