package io.qwark.engine;

import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A model of 64 tokens without weights, whose steps do what a test says. The likeliest token is a
 * function of the last token and its position, so that one left out or computed twice is noticed.
 * {@link #NO_NUMBERS} is followed by scores that are no numbers.
 */
class ScriptedForwardModel implements ForwardModel {
  /** Follows no other token by itself. */
  static final int NO_NUMBERS = 99;

  private final Consumer<PackedStep> script;

  /**
   * @param script called in each step, before its scores are there
   */
  ScriptedForwardModel(Consumer<PackedStep> script) {
    this.script = script;
  }

  static int next(long token, long position) {
    return (int) ((31 * token + 7 * position) % 64);
  }

  @Override
  public boolean rowsIndependent() {
    return true;
  }

  @Override
  public void move(CacheMove move) {}

  @Override
  public StepScores step(PackedStep step) {
    script.accept(step);
    return new Scores(step);
  }

  @Override
  public void close() {}

  private record Scores(PackedStep step) implements StepScores {
    @Override
    public SampledRows sample(long[] rows, Penalties penalties) {
      List<Candidates> candidates =
          Arrays.stream(rows)
              .mapToObj(row -> candidates(step.tokens()[(int) row], step.positions()[(int) row]))
              .toList();
      return new WholeRows(candidates, candidates);
    }

    private static Candidates candidates(long token, long position) {
      float[] scores = new float[64];
      Arrays.fill(scores, token == NO_NUMBERS ? Float.NaN : -1);
      scores[next(token, position)] = 1;
      return Candidates.all(scores, scores, 0);
    }

    @Override
    public float[] logprobs(long[] rows, long[] next) {
      return new float[rows.length];
    }

    @Override
    public void close() {}
  }
}
