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

  public boolean isEmpty() {
    return runs.isEmpty();
  }

  public PackedStep pack() {
    return PackedStep.of(runs);
  }
}
