package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.sample.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a step computed, as tensors that live until it is closed. */
final class TorchScores implements StepScores {
  private final TorchModule.Scope scope;

  /** (T, hidden) */
  private final PtNDArray hidden;

  /** Rows of it that are right, ascending. */
  private final long[] scored;

  TorchScores(TorchModule.Scope scope, PtNDArray hidden, long[] scored) {
    this.scope = scope;
    this.hidden = hidden;
    this.scored = scored;
  }

  @Override
  public SampledRows sample(long[] rows, Penalties penalties) {
    requireScored(rows);
    PtNDArray raw = scope.call("logits", hidden, scope.longs(rows));
    PtNDArray scores = raw;
    if (!penalties.isEmpty()) {
      scores =
          scope.call(
              "penalize",
              raw,
              scope.longs(penalties.rows()),
              scope.longs(penalties.ids()),
              scope.floats(penalties.repetition()),
              scope.floats(penalties.subtract()));
    }
    return new Rows(raw, scores, !penalties.isEmpty());
  }

  @Override
  public float[] logprobs(long[] rows, long[] next) {
    requireScored(rows);
    return scope.call("logprobs", hidden, scope.longs(rows), scope.longs(next)).toFloatArray();
  }

  private void requireScored(long[] rows) {
    for (long row : rows) {
      if (Arrays.binarySearch(scored, row) < 0) {
        throw new IllegalArgumentException("row " + row + " was not to be scored");
      }
    }
  }

  @Override
  public void close() {
    scope.close();
  }

  private final class Rows implements SampledRows {
    /** (R, vocabulary) */
    private final PtNDArray raw;

    /** (R, vocabulary); the same tensor as raw where nothing is penalized. */
    private final PtNDArray scores;

    private List<Candidates> shortlists;

    private final boolean penalized;

    Rows(PtNDArray raw, PtNDArray scores, boolean penalized) {
      this.raw = raw;
      this.scores = scores;
      this.penalized = penalized;
    }

    @Override
    public List<Candidates> shortlists() {
      if (shortlists == null) {
        shortlists = best(scores);
      }
      return shortlists;
    }

    @Override
    public float[] logSumExps(long[] rows, float[] temperatures) {
      return scope
          .call("log_sum_exps", scores, scope.longs(rows), scope.floats(temperatures))
          .toFloatArray();
    }

    @Override
    public List<Candidates> likeliest() {
      return penalized ? best(raw) : shortlists();
    }

    @Override
    public Candidates all(int row) {
      float[] rawRow = row(raw, row);
      float[] scoresRow = penalized ? row(scores, row) : rawRow;
      return Candidates.all(scoresRow, rawRow, shortlists().get(row).logSumExp());
    }

    private float[] row(PtNDArray matrix, int row) {
      try (PtNDArray one = scope.call("row", matrix, row)) {
        return one.toFloatArray();
      }
    }

    private List<Candidates> best(PtNDArray by) {
      int k = (int) Math.min(Sampler.MAX_SHORTLIST, raw.getShape().get(1));
      PtNDArray[] parts = scope.callForList("candidates", raw, by, k);
      long[] ids = parts[0].toLongArray();
      float[] scored = parts[1].toFloatArray();
      float[] unpenalized = parts[2].toFloatArray();
      float[] logSumExp = parts[3].toFloatArray();
      List<Candidates> rows = new ArrayList<>(logSumExp.length);
      for (int r = 0; r < logSumExp.length; r++) {
        int from = r * k;
        int[] tokens = new int[k];
        for (int i = 0; i < k; i++) {
          tokens[i] = (int) ids[from + i];
        }
        rows.add(
            new Candidates(
                tokens,
                Arrays.copyOfRange(scored, from, from + k),
                Arrays.copyOfRange(unpenalized, from, from + k),
                logSumExp[r]));
      }
      return rows;
    }
  }
}
