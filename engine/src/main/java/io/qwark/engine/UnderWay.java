package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.schedule.PrefixReuse;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests that were taken in and have not ended, the places that they hold in the cache, and
 * what was done for them. One thread at a time uses it; it outlives the model and its thread.
 */
final class UnderWay {
  private final EngineLimits limits;

  /** In the order of submission. */
  private final Map<Sequence, ActiveRequest> requests = new LinkedHashMap<>();

  /** Not told yet. */
  private final List<Ended> over = new ArrayList<>();

  // What the model allows; it is the same for every model that is loaded.
  private PrefixReuse reuse = PrefixReuse.NONE;

  private int stepsAhead = 1;

  private Scheduler scheduler;
  private long steps;
  private long promptTokens;
  private long promptTokensReused;
  private long completionTokens;
  private long draftTokens;
  private long acceptedTokens;
  private long aheadTokens;
  private long preemptions;
  private long outOfMemory;
  private long restarts;
  private long completed;

  /** A request that is over, and what it is to be told. */
  private record Ended(ActiveRequest request, Completion completion, Throwable failure) {
    void tell() {
      if (failure == null) {
        request.result().complete(completion);
      } else {
        request
            .result()
            .completeExceptionally(
                new RequestException(
                    ErrorCode.ENGINE_FAILURE,
                    "The engine failed: " + failure.getMessage(),
                    failure));
      }
    }
  }

  UnderWay(EngineLimits limits) {
    this.limits = limits;
    this.scheduler = newScheduler();
  }

  private Scheduler newScheduler() {
    return new Scheduler(
        limits.cacheTokens(),
        limits.maxNumSeqs(),
        limits.maxNumBatchedTokens(),
        reuse,
        limits.speculative(),
        stepsAhead);
  }

  Map<Sequence, ActiveRequest> requests() {
    return Collections.unmodifiableMap(requests);
  }

  void add(ActiveRequest request) {
    requests.put(request.sequence(), request);
    scheduler.add(request.sequence());
  }

  /** Frees what cancelled requests hold. */
  void removeCancelled() {
    List<ActiveRequest> cancelled =
        requests.values().stream().filter(r -> r.result().isDone()).toList();
    cancelled.forEach(this::remove);
  }

  StepPlan plan() {
    StepPlan plan = scheduler.plan();
    plan.runs().forEach(run -> requests.get(run.sequence()).started());
    return plan;
  }

  /** Lets requests go on by what a step found; {@link #tellOver} tells those that it ends. */
  void take(StepPlan plan, List<Outcome> outcomes) {
    count(plan);
    int before = over.size();
    outcomes.forEach(this::take);
    over.subList(before, over.size()).forEach(this::remove);
  }

  private void take(Outcome outcome) {
    ActiveRequest request = outcome.request();
    if (outcome.failure() != null) {
      over.add(new Ended(request, null, outcome.failure()));
      return;
    }
    try {
      int before = request.sequence().generated();
      Completion completion = request.take(outcome);
      int tokens = request.sequence().generated() - before;
      completionTokens += tokens;
      if (outcome.source() == Outcome.Source.STEP) {
        acceptedTokens += Math.max(0, tokens - 1);
      } else {
        aheadTokens += Math.max(0, tokens - 1);
      }
      if (completion != null) {
        over.add(new Ended(request, completion, null));
        completed++;
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      over.add(new Ended(request, null, e));
    }
  }

  /** Ends the requests of a step that failed as a whole. */
  void fail(StepPlan plan, Throwable failure) {
    scheduler.failed(plan);
    int before = over.size();
    for (Run run : plan.runs()) {
      over.add(new Ended(requests.get(run.sequence()), null, failure));
    }
    over.subList(before, over.size()).forEach(this::remove);
  }

  /** Lets a step that ran out of memory be planned anew, with fewer requests at a time. */
  void ranOutOfMemory(StepPlan plan, boolean moved) {
    outOfMemory++;
    scheduler.ranOutOfMemory(plan, moved);
  }

  /** Requests that may be worked on at a time now. */
  int mayRun() {
    return scheduler.mayRun();
  }

  /** Completes the futures of those that are over. */
  void tellOver() {
    over.forEach(Ended::tell);
    over.clear();
  }

  /** From now on it is this model that computes the steps; its cache is empty. */
  void beginOn(ForwardModel model) {
    if (limits.enablePrefixCaching()) {
      reuse = reuse(model);
    }
    stepsAhead = model.decodesAhead() ? limits.decodeStepsAhead() : 1;
    letAllWait();
  }

  private static PrefixReuse reuse(ForwardModel model) {
    if (!model.rowsIndependent()) {
      return PrefixReuse.WHOLE_CHUNKS;
    }
    return model.sharesBeginnings() ? PrefixReuse.SHARED : PrefixReuse.ANY;
  }

  /**
   * After this, requests wait for another model. Makes no use of the old scheduler, which may be
   * what failed.
   */
  void beginAnew() {
    restarts++;
    forgetOver();
    letAllWait();
  }

  /** With the tokens they have, in the order in which they came. */
  private void letAllWait() {
    scheduler = newScheduler();
    requests.keySet().forEach(scheduler::add);
  }

  /** Takes out all requests and returns them. */
  List<ActiveRequest> clear() {
    forgetOver();
    List<ActiveRequest> all = new ArrayList<>(requests.values());
    requests.clear();
    scheduler = newScheduler();
    return all;
  }

  /** A thread may have died before it told them. */
  private void forgetOver() {
    over.forEach(end -> requests.remove(end.request().sequence()));
    tellOver();
  }

  private void remove(Ended ended) {
    if (ended.failure() != null) {
      scheduler.discard(ended.request().sequence());
    }
    remove(ended.request());
  }

  private void remove(ActiveRequest request) {
    scheduler.remove(request.sequence());
    requests.remove(request.sequence());
  }

  private void count(StepPlan plan) {
    steps++;
    preemptions += plan.preempted();
    promptTokensReused += plan.reused();
    for (Run run : plan.runs()) {
      promptTokens += run.promptTokens();
      draftTokens += run.drafts();
    }
  }

  /** Requests that got their completion. */
  long completed() {
    return completed;
  }

  EngineStats stats() {
    return new EngineStats(
        steps,
        promptTokens,
        promptTokensReused,
        completionTokens,
        draftTokens,
        acceptedTokens,
        aheadTokens,
        preemptions,
        outOfMemory,
        restarts,
        scheduler.running(),
        scheduler.waiting(),
        scheduler.freeCacheTokens(),
        scheduler.retainedCacheTokens());
  }
}
