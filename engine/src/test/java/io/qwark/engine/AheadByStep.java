package io.qwark.engine;

import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.model.AheadTokens;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.sample.Sampler;
import io.qwark.engine.schedule.PackedStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A model that decodes ahead in the plainest way: step by step, with the sampler of the engine. */
final class AheadByStep extends ForwardingModel {
  private final BooleanSupplier decided;

  /**
   * @param decided whether it can tell a row's next token; asked before each
   */
  AheadByStep(ForwardModel model, BooleanSupplier decided) {
    super(model);
    this.decided = decided;
  }

  @Override
  public boolean decodesAhead() {
    return true;
  }

  @Override
  public List<AheadTokens> decode(List<AheadRow> rows) {
    List<Line> lines = new ArrayList<>(rows.stream().map(Line::new).toList());
    List<Line> going = lines;
    while (!going.isEmpty()) {
      step(going);
      going = going.stream().filter(line -> line.going).toList();
    }
    return lines.stream().map(Line::found).toList();
  }

  private void step(List<Line> lines) {
    int n = lines.size();
    long[] tokens = lines.stream().mapToLong(line -> line.last).toArray();
    long[] positions = lines.stream().mapToLong(Line::position).toArray();
    long[] slots = lines.stream().mapToLong(line -> line.row.start() + line.position()).toArray();
    long[] spans = new long[4 * n];
    for (int i = 0; i < n; i++) {
      spans[4 * i] = i;
      spans[4 * i + 1] = 1;
      spans[4 * i + 2] = lines.get(i).row.start();
      spans[4 * i + 3] = positions[i] + 1;
    }
    long[] rows = IntStream.range(0, n).asLongStream().toArray();
    try (StepScores scores =
        model.step(
            new PackedStep(
                tokens, positions, slots, spans, new long[2 * n], rows.clone(), rows.clone()))) {
      StepScores.SampledRows sampled = scores.sample(rows, Penalties.NONE);
      for (int i = 0; i < n; i++) {
        lines.get(i).take(decided.getAsBoolean() ? choose(lines.get(i), sampled, i) : null);
      }
    }
  }

  private static TokenLogprob choose(Line line, StepScores.SampledRows sampled, int i) {
    Candidates shortlist = sampled.shortlists().get(i);
    AheadRow row = line.row;
    double random = row.params().greedy() ? 0 : row.random()[line.tokens.size()];
    try {
      if (Sampler.shortlistSuffices(row.params())) {
        return Sampler.choose(shortlist, row.params(), random);
      }
      float[] temperature = {(float) row.params().temperature()};
      float sum = sampled.logSumExps(new long[] {i}, temperature)[0];
      return Sampler.chooseFromBest(shortlist, sum, row.params(), random);
    } catch (ArithmeticException e) {
      return null;
    }
  }

  /** A row on its way. */
  private static final class Line {
    private final AheadRow row;
    private final List<Integer> tokens = new ArrayList<>();
    private final List<Float> logprobs = new ArrayList<>();
    private int last;
    private boolean going = true;

    Line(AheadRow row) {
      this.row = row;
      this.last = row.token();
    }

    long position() {
      return (long) row.position() + tokens.size();
    }

    /**
     * @param token null where it cannot be told
     */
    void take(TokenLogprob token) {
      if (token == null) {
        going = false;
        return;
      }
      last = token.tokenId();
      tokens.add(last);
      logprobs.add(token.logprob());
      going =
          tokens.size() < row.most() && Arrays.stream(row.stopTokens()).noneMatch(t -> t == last);
    }

    AheadTokens found() {
      float[] floats = new float[logprobs.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = logprobs.get(i);
      }
      return new AheadTokens(tokens.stream().mapToInt(Integer::intValue).toArray(), floats);
    }
  }
}
