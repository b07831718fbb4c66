package io.qwark.engine;

import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out whom a failed step is due to: its requests are worked on one at a time, each until it
 * is past the place where it failed. First comes a probe, a request of the engine's own, which
 * fails only if the model does. Counts only; it schedules nothing itself.
 */
final class Trials {
  /** One token, the likeliest. */
  private static final SamplingParams GREEDY =
      new SamplingParams(
          0, 1, 0, 0, 0, 0, 1, 0, 1, List.of(), List.of(), SamplingParams.NO_LOGPROBS, false);

  /**
   * @param tokens with which it has passed
   */
  private record Trial(Sequence sequence, int tokens) {}

  private final Deque<Trial> left = new ArrayDeque<>();
  private ActiveRequest probe;

  /** The last one over which a model hung or died. */
  private Sequence failed;

  /** Begins with those requests of a step that are still under way. */
  void of(StepPlan failed, Map<Sequence, ActiveRequest> requests) {
    left.clear();
    for (Run run : failed.runs()) {
      Sequence sequence = run.sequence();
      if (requests.containsKey(sequence)) {
        left.add(new Trial(sequence, sequence.length() + 1 + run.drafts() + run.ahead()));
      }
    }
  }

  /** Puts a new probe before all others and returns it. */
  ActiveRequest probeFirst(int maxModelLen) {
    left.removeIf(trial -> isProbe(trial.sequence()));
    Request request = new Request(new int[] {0}, 0, GREEDY);
    probe = new ActiveRequest(request, maxModelLen, null, new CompletableFuture<>());
    left.addFirst(new Trial(probe.sequence(), Integer.MAX_VALUE));
    return probe;
  }

  /** The one to be worked on, and no other; null if all may be. */
  Sequence current() {
    return left.isEmpty() ? null : left.getFirst().sequence();
  }

  boolean active() {
    return !left.isEmpty();
  }

  boolean isProbe(Sequence sequence) {
    return probe != null && sequence == probe.sequence();
  }

  /** Takes note that a model hung or died over it; whether another one did before. */
  boolean failedBefore(Sequence sequence) {
    boolean before = failed == sequence;
    failed = sequence;
    return before;
  }

  boolean hasPassed() {
    return left.getFirst().sequence().length() >= left.getFirst().tokens();
  }

  void next() {
    left.removeFirst();
  }
}
