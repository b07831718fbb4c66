package io.qwark.engine;

import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.StepPlan;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** Something that a model's thread does and that may hang. Equal to nothing but itself. */
final class Work {
  /**
   * A step that works gets its time once more for each so many tokens, since it may only be large,
   * and the machine weak. By default that is more than two seconds a token; in float32 a model of 4
   * billion weights takes 8 billion operations a token, which is less than one on a single core.
   */
  private static final int TOKENS = 256;

  /** A reload finds the files in memory, so it should not take ten times the first load. */
  private static final int RELOAD = 10;

  private final Supplier<String> what;
  private final long idleNanos;
  private final long mostNanos;

  /**
   * @param what tells what it is, from any thread
   * @param idleNanos how long its thread may go on without using a processor
   * @param mostNanos how long it may take
   */
  Work(Supplier<String> what, long idleNanos, long mostNanos) {
    this.what = what;
    this.idleNanos = idleNanos;
    this.mostNanos = mostNanos;
  }

  /** Takes as long as it takes: a user waits for it, sees it and can interrupt it. */
  static Work firstLoad() {
    return new Work(() -> "The first load of the model", Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /**
   * @param firstLoadNanos what the first load took
   */
  static Work reload(Duration stepTimeout, long firstLoadNanos) {
    long limit = Math.max(stepTimeout.toNanos(), RELOAD * firstLoadNanos);
    return new Work(() -> "Loading the model anew", limit, limit);
  }

  static Work step(StepPlan plan, EngineStats stats, Duration stepTimeout) {
    long limit = stepTimeout.toNanos();
    int tokens = plan.runs().stream().mapToInt(run -> run.count() + run.ahead()).sum();
    return new Work(() -> describe(plan, stats), limit, limit + tokens * (limit / TOKENS));
  }

  String what() {
    return what.get();
  }

  long idleNanos() {
    return idleNanos;
  }

  long mostNanos() {
    return mostNanos;
  }

  private static String describe(StepPlan plan, EngineStats stats) {
    long tokens = 0;
    long ofPrompts = 0;
    int longest = 0;
    for (Run run : plan.runs()) {
      tokens += run.count();
      ofPrompts += run.promptTokens();
      longest = Math.max(longest, run.end());
    }
    return String.format(
        Locale.ROOT,
        "Step %,d: %,d tokens of %,d sequences (%,d of prompts, %,d generated)%s, the longest now at"
            + " %,d; %,d samples waiting, %,d tokens of the KV cache free",
        stats.steps() + 1,
        tokens,
        plan.runs().size(),
        ofPrompts,
        tokens - ofPrompts,
        plan.steps() > 1 ? " and up to %,d ahead".formatted(plan.steps() - 1) : "",
        longest,
        stats.waiting(),
        stats.freeCacheTokens());
  }
}
