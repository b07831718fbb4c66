package io.qwark.engine;

import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Candidates;
import java.util.List;

/** Rows of test models, whose shortlists hold the whole vocabulary. */
record WholeRows(List<Candidates> shortlists, List<Candidates> likeliest)
    implements StepScores.SampledRows {

  @Override
  public float[] logSumExps(long[] rows, float[] temperatures) {
    float[] found = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      found[i] = logSumExp(shortlists.get((int) rows[i]).scores(), temperatures[i]);
    }
    return found;
  }

  static float logSumExp(float[] scores, float temperature) {
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score / temperature);
    }
    return (float) Math.log(sum);
  }

  @Override
  public Candidates all(int row) {
    return shortlists.get(row);
  }
}
