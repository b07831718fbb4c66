package io.qwark.engine;

import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * A model whose scores are a hash of all that the cache holds for a token's sequence: a single slot
 * that is not what it should be changes every token from there on. Cuts make no difference to it.
 */
final class HashModel implements ForwardModel {
  static final int VOCABULARY = 40;

  /** What follows the last token alone, before the hash of all tokens adds its part. */
  private static final float HABIT = 3;

  private final long[] slots;
  private final Opinion opinion;

  /** The scores of what comes next. */
  interface Opinion {
    /**
     * @param past of the last token and all before it
     */
    float[] scores(long past, long last) throws InterruptedException;
  }

  HashModel(int cacheTokens, Opinion opinion) {
    this.slots = new long[cacheTokens];
    this.opinion = opinion;
  }

  /**
   * @param whim how much the whole past counts beside the last token; with little the model repeats
   *     itself
   */
  HashModel(int cacheTokens, float whim) {
    this(cacheTokens, (past, last) -> scores(past, last, whim));
  }

  @Override
  public boolean rowsIndependent() {
    return true;
  }

  @Override
  public boolean sharesBeginnings() {
    return true;
  }

  @Override
  public void move(CacheMove move) {
    System.arraycopy(slots, move.source(), slots, move.target(), move.count());
  }

  @Override
  public StepScores step(PackedStep step) {
    float[][] scores = new float[step.tokens().length][];
    for (int s = 0; s < step.spans().length; s += 4) {
      int row = (int) step.spans()[s];
      int rows = (int) step.spans()[s + 1];
      int start = (int) step.spans()[s + 2];
      int length = (int) step.spans()[s + 3];
      int sharedStart = (int) step.shared()[s / 2];
      int shared = (int) step.shared()[s / 2 + 1];
      IntUnaryOperator slot = i -> (i < shared ? sharedStart : start) + i;
      for (int i = length - rows; i < length; i++, row++) {
        slots[slot.applyAsInt(i)] = hash(slot, i, step.tokens()[row]);
        scores[row] = ask(slots[slot.applyAsInt(i)], step.tokens()[row]);
      }
    }
    float[][] scored = new float[scores.length][];
    for (long row : step.scored()) {
      scored[(int) row] = scores[(int) row];
    }
    return new Scores(scored);
  }

  private float[] ask(long past, long last) {
    try {
      return opinion.scores(past, last);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private long hash(IntUnaryOperator slot, int position, long token) {
    long hash = token;
    for (int i = 0; i < position; i++) {
      hash = mix(hash ^ slots[slot.applyAsInt(i)]);
    }
    return mix(hash);
  }

  static float[] scores(long past, long last, float whim) {
    float[] scores = new float[VOCABULARY];
    for (int t = 0; t < VOCABULARY; t++) {
      scores[t] = HABIT * uniform(mix(1000 * last + t)) + whim * uniform(mix(past + t));
    }
    return scores;
  }

  private static float uniform(long hash) {
    return (hash >>> 40) * 0x1p-24f;
  }

  private static long mix(long z) {
    long mixed = (z + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    return mixed ^ (mixed >>> 31);
  }

  @Override
  public void close() {}

  private record Scores(float[][] scores) implements StepScores {
    @Override
    public SampledRows sample(long[] rows, Penalties penalties) {
      List<float[]> penalized = new ArrayList<>();
      for (long row : rows) {
        penalized.add(scores[(int) row].clone());
      }
      for (int i = 0; i < penalties.rows().length; i++) {
        float[] row = penalized.get((int) penalties.rows()[i]);
        int id = (int) penalties.ids()[i];
        float repetition = penalties.repetition()[i];
        row[id] =
            (row[id] > 0 ? row[id] / repetition : row[id] * repetition) - penalties.subtract()[i];
      }
      List<Candidates> after = new ArrayList<>();
      List<Candidates> before = new ArrayList<>();
      for (int i = 0; i < rows.length; i++) {
        float[] raw = scores[(int) rows[i]];
        after.add(Candidates.all(penalized.get(i), raw, WholeRows.logSumExp(raw, 1)));
        before.add(Candidates.all(raw, raw, WholeRows.logSumExp(raw, 1)));
      }
      return new WholeRows(after, before);
    }

    @Override
    public float[] logprobs(long[] rows, long[] next) {
      float[] logprobs = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        float[] row = scores[(int) rows[i]];
        logprobs[i] = row[(int) next[i]] - WholeRows.logSumExp(row, 1);
      }
      return logprobs;
    }

    @Override
    public void close() {}
  }
}
