package io.qwark.engine.schedule;

import java.util.List;

/**
 * What one step does: first the moves, in order, then all runs at once.
 *
 * @param preempted how many sequences lost their place to make room
 * @param reused tokens of prompts that need not be computed, since they lie in the cache
 */
public record StepPlan(List<CacheMove> moves, List<Run> runs, int preempted, int reused) {
  public StepPlan {
    moves = List.copyOf(moves);
    runs = List.copyOf(runs);
  }

  /** Whether there is nothing to do; there may be moves without runs. */
  public boolean isEmpty() {
    return runs.isEmpty() && moves.isEmpty();
  }

  /** How many tokens some of its runs may yield in one call, each after the one before it. */
  public int steps() {
    return 1 + runs.stream().mapToInt(Run::ahead).max().orElse(0);
  }

  /**
   * Packs it for any model. Tokens of a prompt attend together; others go one by one even where
   * they come together, as guesses or after a preemption: so they are computed exactly as each of
   * them on its own.
   */
  public PackedStep pack() {
    return PackedStep.of(runs, Run::promptTokens);
  }

  /** Packs it for a model that computes a token in the same way whatever attends with it. */
  public PackedStep packTogether() {
    return PackedStep.of(runs, Run::count);
  }
}
