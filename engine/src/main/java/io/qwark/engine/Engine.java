package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.DeviceLostException;
import io.qwark.engine.model.DeviceMemoryException;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.StepPlan;
import io.qwark.engine.text.Tokenizer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inner loop: take in what was submitted, plan a step, compute it, hand out what is finished.
 * One thread does all that and owns the model; a {@link Supervisor} replaces both if they hang or
 * die. {@link #submit} may be called from any thread.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private final EngineLimits limits;
  private final Tokenizer tokenizer;
  private final Duration stepTimeout;
  private final UnderWay underWay;
  private final Supervisor supervisor;

  /** An empty one only wakes the loop. */
  private final BlockingQueue<Optional<ActiveRequest>> inbox = new LinkedBlockingQueue<>();

  /** What to fail requests with since the engine has ended, or null as long as it has not. */
  private volatile Supplier<RequestException> ended;

  private volatile EngineStats stats;

  private Engine(
      EngineLimits limits,
      Tokenizer tokenizer,
      Function<EngineLimits, ForwardModel> loader,
      Duration stepTimeout) {
    this.limits = limits;
    this.tokenizer = tokenizer;
    this.stepTimeout = stepTimeout;
    this.underWay = new UnderWay(limits);
    this.stats = underWay.stats();
    this.supervisor =
        new Supervisor(() -> loader.apply(limits), this::loop, underWay, this::end, stepTimeout);
  }

  /** Starts an engine with the default timeout of steps. */
  static Engine start(
      EngineLimits limits, Tokenizer tokenizer, Function<EngineLimits, ForwardModel> loader) {
    return start(
        limits, tokenizer, loader, Duration.ofSeconds(EngineOptions.DEFAULT_STEP_TIMEOUT_SECONDS));
  }

  /**
   * Starts an engine and waits until its model is loaded.
   *
   * @param loader called on the thread that will own the model, and again on another one if that
   *     one hangs or dies; what it throws the first time is thrown here
   * @param tokenizer for stop strings; not closed by the engine
   * @param stepTimeout after which a step without progress counts as stalled
   */
  static Engine start(
      EngineLimits limits,
      Tokenizer tokenizer,
      Function<EngineLimits, ForwardModel> loader,
      Duration stepTimeout) {
    Engine engine = new Engine(limits, tokenizer, loader, stepTimeout);
    try {
      engine.supervisor.start();
    } catch (CancellationException e) {
      engine.askToEnd();
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
      failIfEnded();
      Admission.check(request, limits);
      inbox.add(Optional.of(new ActiveRequest(request, limits.maxModelLen(), tokenizer, result)));
      // It may have ended in between, and then nobody looks into the inbox any more.
      failIfEnded();
    } catch (RequestException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private void failIfEnded() {
    if (ended != null) {
      throw ended.get();
    }
  }

  public EngineStats stats() {
    return stats;
  }

  /** Whether it has ended, so that every request fails: it was closed, or it stalled for good. */
  boolean hasEnded() {
    return ended != null;
  }

  /**
   * Fails what is under way and frees the model. Returns when that is done; if a step hangs, as
   * soon as that is sure, at the latest after its timeout.
   */
  @Override
  public void close() {
    askToEnd();
    supervisor.awaitEnd();
  }

  private void askToEnd() {
    supervisor.askToEnd();
    inbox.add(Optional.empty());
  }

  private void loop(ForwardModel model, ModelThread self) throws InterruptedException {
    StepRunner runner = new StepRunner(model, underWay.requests());
    underWay.beginOn(model);
    while (true) {
      takeIn();
      if (supervisor.closing()) {
        return;
      }
      StepPlan plan = underWay.plan();
      if (!plan.isEmpty()) {
        step(plan, runner, self);
      }
      // Whoever hears of the end finds the numbers that go with it.
      stats = underWay.stats();
      underWay.tellOver();
    }
  }

  private void takeIn() throws InterruptedException {
    if (underWay.requests().isEmpty()) {
      inbox.take().ifPresent(underWay::add);
    }
    for (var next = inbox.poll(); next != null; next = inbox.poll()) {
      next.ifPresent(underWay::add);
    }
    underWay.removeCancelled();
  }

  private void step(StepPlan plan, StepRunner runner, ModelThread self) {
    List<Outcome> outcomes = List.of();
    Throwable failure = null;
    boolean again = false;
    self.begin(Work.step(plan, underWay.stats(), stepTimeout));
    try {
      outcomes = runner.compute(plan);
    } catch (DeviceLostException e) {
      // No request could go on with this model: another takes its place, or the engine ends.
      throw e;
    } catch (DeviceMemoryException e) {
      again = mayBeSmaller(plan, runner);
      failure = again ? e : tooLarge(plan, e);
    } catch (RuntimeException | OutOfMemoryError e) {
      failure = e;
    }
    self.end();
    if (failure == null) {
      underWay.take(plan, outcomes);
    } else if (again) {
      underWay.ranOutOfMemory(plan, runner.moved());
      logOutOfMemory(plan, failure);
    } else {
      LOG.error(
          "A step of {} sequences failed; those of their requests fail that fail alone",
          plan.runs().size(),
          failure);
      underWay.fail(plan, failure);
    }
  }

  /** Without moves a step takes less, and there are none in an empty cache. */
  private static boolean mayBeSmaller(StepPlan plan, StepRunner runner) {
    return plan.runs().size() > 1 || !runner.moved();
  }

  /** Of a step that cannot be made smaller. */
  private static DeviceMemoryException tooLarge(StepPlan plan, DeviceMemoryException e) {
    int tokens = plan.runs().stream().mapToInt(Run::end).max().orElse(0);
    return new DeviceMemoryException(
        "there is not enough memory for a step of one sample alone, which has "
            + tokens
            + " tokens. Lower `gpu_memory_utilization`, so that the KV cache leaves more, or"
            + " `max_num_batched_tokens`: "
            + e.getMessage(),
        e);
  }

  /** Once: what follows is told by the engine's stats. */
  private void logOutOfMemory(StepPlan plan, Throwable failure) {
    if (underWay.stats().outOfMemory() == 1) {
      LOG.warn(
          "A step of {} sequences ran out of memory. It is computed anew with at most {} at a time,"
              + " and more are tried after a while; a lower gpu_memory_utilization leaves more room"
              + " for steps. {}",
          plan.runs().size(),
          underWay.mayRun(),
          failure.getMessage());
    }
  }

  private void end(Supplier<RequestException> why) {
    ended = why;
    List<ActiveRequest> left = underWay.clear();
    stats = underWay.stats();
    for (var next = inbox.poll(); next != null; next = inbox.poll()) {
      next.ifPresent(left::add);
    }
    left.forEach(r -> r.result().completeExceptionally(why.get()));
  }
}
