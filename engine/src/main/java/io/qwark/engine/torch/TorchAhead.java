package io.qwark.engine.torch;

import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.model.AheadTokens;
import io.qwark.engine.sample.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows as the method {@code ahead} of a program takes them, and what it returns. */
final class TorchAhead {
  /** Stop tokens that the program looks for; after others it goes on in vain. */
  private static final int MOST_STOPS = 16;

  private static final int WITH_SUMS = 1;
  private static final int WITH_LOGPROBS = 2;

  private final List<AheadRow> rows;
  private final int vocabSize;
  private final int steps;

  TorchAhead(List<AheadRow> rows, int vocabSize) {
    this.rows = rows;
    this.vocabSize = vocabSize;
    this.steps = rows.stream().mapToInt(AheadRow::most).max().orElseThrow();
  }

  /** Positions that the rotary tables must hold. */
  long positions() {
    return longest() + steps;
  }

  private long longest() {
    return 1L + rows.stream().mapToInt(AheadRow::position).max().orElseThrow();
  }

  List<AheadTokens> decode(TorchModule.Scope scope) {
    double[] found =
        scope
            .call(
                "ahead",
                scope.matrix(numbers()),
                scope.matrix(knobs()),
                steps,
                shortlist(),
                longest(),
                wanted())
            .toDoubleArray();
    List<AheadTokens> tokens = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      tokens.add(tokens(found, row));
    }
    return tokens;
  }

  private AheadTokens tokens(double[] found, int row) {
    int width = rows.size();
    int count = (int) found[2 * steps * width + row];
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> (int) found[i * width + row]);
    if (rows.get(row).params().logprobs() == SamplingParams.NO_LOGPROBS) {
      return new AheadTokens(tokens, null);
    }
    float[] logprobs = new float[count];
    for (int i = 0; i < count; i++) {
      logprobs[i] = (float) found[(steps + i) * width + row];
    }
    return new AheadTokens(tokens, logprobs);
  }

  private long[][] numbers() {
    int stops = rows.stream().mapToInt(row -> row.stopTokens().length).max().orElse(0);
    long[][] numbers = new long[5 + Math.min(stops, MOST_STOPS)][rows.size()];
    for (int b = 0; b < rows.size(); b++) {
      AheadRow row = rows.get(b);
      numbers[0][b] = row.token();
      numbers[1][b] = row.position();
      numbers[2][b] = row.start();
      numbers[3][b] = row.most();
      numbers[4][b] = row.params().greedy() ? 1 : row.params().topK();
      for (int i = 5; i < numbers.length; i++) {
        numbers[i][b] = i - 5 < row.stopTokens().length ? row.stopTokens()[i - 5] : -1;
      }
    }
    return numbers;
  }

  private double[][] knobs() {
    double[][] knobs = new double[3 + steps][rows.size()];
    for (int b = 0; b < rows.size(); b++) {
      AheadRow row = rows.get(b);
      SamplingParams params = row.params();
      boolean greedy = params.greedy();
      knobs[0][b] = greedy ? 1 : params.temperature();
      knobs[1][b] = greedy ? 1 : params.topP();
      knobs[2][b] = greedy ? 0 : params.minP();
      for (int i = 0; i < row.random().length; i++) {
        knobs[3 + i][b] = row.random()[i];
      }
    }
    return knobs;
  }

  private int shortlist() {
    boolean greedy = rows.stream().allMatch(row -> row.params().greedy());
    return greedy ? 1 : Math.min(Sampler.MAX_SHORTLIST, vocabSize);
  }

  private int wanted() {
    boolean sums = rows.stream().anyMatch(row -> !Sampler.shortlistSuffices(row.params()));
    boolean logprobs =
        rows.stream().anyMatch(row -> row.params().logprobs() != SamplingParams.NO_LOGPROBS);
    return (sums ? WITH_SUMS : 0) + (logprobs ? WITH_LOGPROBS : 0);
  }
}
