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
  /** Probes in a row that may fail of an exception: a model may fail now and then and be well. */
  private static final int PROBES = 3;

  private final EngineLimits limits;

  /** In the order of submission. */
  private final Map<Sequence, ActiveRequest> requests = new LinkedHashMap<>();

  /** Not told yet. */
  private final List<Ended> over = new ArrayList<>();

  private final Trials trials = new Trials();

  /**
   * Whose steps failed when they ran alone. Told once the model completes another request, or if
   * there is none its probe: else it may be the model.
   */
  private final List<Ended> accused = new ArrayList<>();

  /** The last step, which is what failed if anything did. */
  private StepPlan last = new StepPlan(List.of(), List.of(), 0, 0);

  private int accusedInVain;
  private int failedProbes;

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
        request.result().completeExceptionally(reason());
      }
    }

    private RequestException reason() {
      return failure instanceof RequestException known
          ? known
          : new RequestException(
              ErrorCode.ENGINE_FAILURE, "The engine failed: " + failure.getMessage(), failure);
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
    if (mayBeScheduled(request.sequence())) {
      scheduler.add(request.sequence());
    }
  }

  private boolean mayBeScheduled(Sequence sequence) {
    return !trials.active() || trials.current() == sequence;
  }

  /** Frees what cancelled requests hold. */
  void removeCancelled() {
    List<ActiveRequest> cancelled =
        requests.values().stream().filter(r -> r.result().isDone()).toList();
    cancelled.forEach(this::remove);
  }

  StepPlan plan() {
    goOnWithTrials();
    StepPlan plan = scheduler.plan();
    plan.runs().forEach(run -> requests.get(run.sequence()).started());
    last = plan;
    return plan;
  }

  private void goOnWithTrials() {
    while (trials.active()) {
      Sequence current = trials.current();
      if (requests.containsKey(current)) {
        if (!trials.hasPassed()) {
          return;
        }
        scheduler.remove(current);
      }
      trials.next();
      schedule();
    }
  }

  /** After this the scheduler, which has none of them, has those that may be worked on. */
  private void schedule() {
    requests.keySet().stream().filter(this::mayBeScheduled).forEach(scheduler::add);
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
      failIfProbe(request.sequence(), outcome.failure());
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
        completed(request);
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      over.add(new Ended(request, null, e));
    }
  }

  private void completed(ActiveRequest request) {
    if (trials.isProbe(request.sequence())) {
      failedProbes = 0;
    } else {
      completed++;
      accusedInVain = 0;
      endAccused();
    }
  }

  private void endAccused() {
    over.addAll(accused);
    accused.clear();
  }

  /**
   * Finds out which requests a step failed of, and ends those.
   *
   * @throws IllegalStateException if it failed of the model
   */
  void fail(StepPlan plan, Throwable failure) {
    boolean probe = trials.active() && trials.isProbe(trials.current());
    if (probe && ++failedProbes == PROBES) {
      plan.runs().forEach(run -> failIfProbe(run.sequence(), failure));
    }
    scheduler.failed(plan);
    requests.keySet().stream().filter(this::mayBeScheduled).forEach(scheduler::remove);
    if (probe) {
      trials.next();
    } else if (plan.runs().size() == 1) {
      accuse(plan.runs().get(0).sequence(), failure);
    } else {
      trials.of(plan, requests);
    }
    addProbe();
    schedule();
  }

  private void failIfProbe(Sequence sequence, Throwable failure) {
    if (trials.isProbe(sequence)) {
      throw new IllegalStateException(
          "not even a step of one token goes well: " + failure.getMessage(), failure);
    }
  }

  private void accuse(Sequence sequence, Throwable failure) {
    accused.add(new Ended(requests.remove(sequence), null, failure));
    if (trials.current() == sequence) {
      trials.next();
    }
  }

  private void addProbe() {
    requests.keySet().removeIf(trials::isProbe);
    ActiveRequest probe = trials.probeFirst(limits.maxModelLen());
    requests.put(probe.sequence(), probe);
  }

  /**
   * Takes note that the model hung or died.
   *
   * @return whether that is due to a request, which failed alone twice, unless the next model fails
   *     at once
   */
  boolean blame(String why) {
    forgetOver();
    Sequence current = trials.current();
    if (current == null) {
      trials.of(last, requests);
    } else if (trials.isProbe(current)) {
      // It was the model, so nobody is to blame for what went before.
      accused.forEach(end -> requests.put(end.request().sequence(), end.request()));
      accused.clear();
    } else if (requests.containsKey(current)) {
      if (trials.failedBefore(current)) {
        accusedInVain++;
        accuse(
            current,
            new RequestException(
                ErrorCode.ENGINE_STALLED,
                "The engine hung or died over this sample, also alone and more than once; " + why));
        return true;
      }
    }
    return false;
  }

  /** Requests in a row that were to blame, with none completed in between. */
  int accusedInVain() {
    return accusedInVain;
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
    if (requests.isEmpty()) {
      endAccused();
    }
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
    failedProbes = 0;
    addProbe();
    letAllWait();
  }

  /** With the tokens they have, in the order in which they came. */
  private void letAllWait() {
    scheduler = newScheduler();
    schedule();
  }

  /** Takes out all requests and returns them. */
  List<ActiveRequest> clear() {
    forgetOver();
    List<ActiveRequest> all = new ArrayList<>(requests.values());
    accused.forEach(end -> all.add(end.request()));
    accused.clear();
    requests.clear();
    scheduler = newScheduler();
    return all;
  }

  /** A thread may have died before it told them. */
  private void forgetOver() {
    over.forEach(end -> requests.remove(end.request().sequence()));
    over.forEach(Ended::tell);
    over.clear();
  }

  private void remove(Ended ended) {
    if (ended.failure() != null) {
      scheduler.discard(ended.request().sequence());
    }
    remove(ended.request());
  }

  private void remove(ActiveRequest request) {
    if (mayBeScheduled(request.sequence())) {
      scheduler.remove(request.sequence());
    }
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
        requests.size() - scheduler.running(),
        scheduler.freeCacheTokens(),
        scheduler.retainedCacheTokens());
  }
}
