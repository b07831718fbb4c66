package io.qwark.engine.torch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.model.AheadTokens;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Sampler;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The part of the programs that decodes ahead, on a model that is a table of scores. Expected
 * tokens are those of {@link Sampler}, which is tested against Transformers.
 */
class TorchAheadTest {
  private static final String[] PARTS = {"markov", "scores_stock", "ahead"};

  private final TorchModule module = load();

  @AfterEach
  void close() {
    module.close();
  }

  /**
   * Whole numbers tie all the time, but not at the end of a shortlist that holds all of them.
   *
   * @param scale of the scores
   */
  @ParameterizedTest
  @CsvSource({"1, 200, 1, false", "2, 200, 6, false", "3, 64, 3, true", "4, 5, 2, true"})
  void tokensAreThoseOfTheSampler(long seed, int vocabulary, float scale, boolean ties) {
    Random random = new Random(seed);
    float[][] table = new float[vocabulary][vocabulary];
    for (float[] row : table) {
      for (int i = 0; i < row.length; i++) {
        float score = scale * (float) random.nextGaussian();
        row[i] = ties ? Math.round(score) : score;
      }
    }
    setTable(table);
    int tokens = 0;
    int leftOpen = 0;
    for (int call = 0; call < 30; call++) {
      List<AheadRow> rows =
          IntStream.range(0, 1 + random.nextInt(40))
              .mapToObj(i -> row(random, vocabulary))
              .toList();
      List<AheadTokens> found = decode(rows, vocabulary);
      for (int i = 0; i < rows.size(); i++) {
        List<TokenLogprob> expected = expected(table, rows.get(i));
        int[] actual = found.get(i).tokens();
        String what = "row " + i + " of call " + call + ": " + rows.get(i).params();
        assertTrue(actual.length <= expected.size(), what);
        for (int t = 0; t < actual.length; t++) {
          assertEquals(expected.get(t).tokenId(), actual[t], what);
          if (rows.get(i).params().logprobs() == 0) {
            assertEquals(expected.get(t).logprob(), found.get(i).logprobs()[t], 1e-5, what);
          }
        }
        tokens += expected.size();
        leftOpen += actual.length < expected.size() ? 1 : 0;
      }
    }
    assertTrue(tokens > 1000, tokens + " tokens");
    assertTrue(leftOpen <= tokens / 500, leftOpen + " times of " + tokens + " without need");
  }

  @Test
  void aRowThatIsDoneComputesItsLastTokenAgainInItsPlace() {
    float[][] table = new float[8][8];
    for (int t = 0; t < 8; t++) {
      table[t][(t + 1) % 8] = 1;
    }
    setTable(table);
    List<AheadRow> rows =
        List.of(
            new AheadRow(0, 7, 16, 4, params(0, 1, 0, 0, -1), new int[0], new double[0]),
            new AheadRow(2, 20, 64, 2, params(0, 1, 0, 0, -1), new int[0], new double[0]),
            new AheadRow(4, 3, 96, 4, params(0, 1, 0, 0, -1), new int[] {9, 6}, new double[0]));
    List<AheadTokens> found = decode(rows, 8);
    assertArrayEquals(new int[] {1, 2, 3, 4}, found.get(0).tokens());
    assertArrayEquals(new int[] {3, 4}, found.get(1).tokens());
    assertArrayEquals(new int[] {5, 6}, found.get(2).tokens());
    long[][] asked = asked();
    assertEquals(4, asked.length);
    // Tokens, positions, slots, starts, lengths, longest, each for three rows.
    assertArrayEquals(
        new long[] {0, 2, 4, 7, 20, 3, 23, 84, 99, 16, 64, 96, 8, 21, 4, 21, 21, 21}, asked[0]);
    assertArrayEquals(
        new long[] {1, 3, 5, 8, 21, 4, 24, 85, 100, 16, 64, 96, 9, 22, 5, 22, 22, 22}, asked[1]);
    assertArrayEquals(
        new long[] {2, 3, 5, 9, 21, 4, 25, 85, 100, 16, 64, 96, 10, 22, 5, 23, 23, 23}, asked[2]);
  }

  @Test
  void scoresThatAreNoNumbersAreLeftToTheHost() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[][] table = new float[3][3];
      table[0][1] = 1;
      table[1][0] = bad;
      table[2][1] = Float.NEGATIVE_INFINITY;
      table[2][2] = 1;
      setTable(table);
      for (SamplingParams params :
          List.of(
              params(0, 1, 0, 0, -1),
              params(0.1, 1, 2, 0, -1),
              // Leaves nothing of them.
              params(0.1, 0.9, 2, 0, -1),
              params(0.1, 0.9, 0, 0.1, -1))) {
        double[] random = params.greedy() ? new double[0] : new double[] {0.3, 0.3, 0.3};
        List<AheadTokens> found =
            decode(
                List.of(
                    new AheadRow(0, 5, 0, 3, params, new int[0], random),
                    new AheadRow(2, 5, 16, 3, params, new int[0], random)),
                3);
        assertArrayEquals(new int[] {1}, found.get(0).tokens());
        assertArrayEquals(new int[] {2, 2, 2}, found.get(1).tokens());
      }
    }
  }

  /** A weight of exactly min_p is kept by one way of rounding and not by another. */
  @Test
  void whatLiesOnABorderIsLeftToTheHost() {
    float[][] table = {{2, 2, 0}, {0, 0, 0}, {0, 0, 0}};
    setTable(table);
    AheadRow onBorder =
        new AheadRow(0, 5, 0, 2, params(1, 1, 2, 1, -1), new int[0], new double[] {0.5, 0.5});
    assertEquals(0, decode(List.of(onBorder), 3).get(0).tokens().length);
    AheadRow beside =
        new AheadRow(0, 5, 0, 1, params(1, 1, 2, 0.9, -1), new int[0], new double[] {0.6});
    assertArrayEquals(new int[] {1}, decode(List.of(beside), 3).get(0).tokens());
  }

  private static AheadRow row(Random random, int vocabulary) {
    double temperature = new double[] {0, 0.01, 0.3, 0.7, 1, 1.5, 50}[random.nextInt(7)];
    double topP = random.nextBoolean() ? 1 : 0.02 + 0.98 * random.nextDouble();
    int topK = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(64);
    double minP = random.nextInt(3) > 0 ? 0 : random.nextDouble();
    int logprobs = random.nextInt(4) == 0 ? 0 : SamplingParams.NO_LOGPROBS;
    SamplingParams params = params(temperature, topP, topK, minP, logprobs);
    int most = 1 + random.nextInt(12);
    return new AheadRow(
        random.nextInt(vocabulary),
        random.nextInt(100),
        16 * random.nextInt(100),
        most,
        params,
        random.ints(random.nextInt(6), 0, vocabulary).toArray(),
        params.greedy() ? new double[0] : random.doubles(most).toArray());
  }

  private static SamplingParams params(
      double temperature, double topP, int topK, double minP, int logprobs) {
    return SamplingOptions.builder()
        .temperature(temperature)
        .topP(topP)
        .topK(topK)
        .minP(minP)
        .maxTokens(9)
        .logprobs(logprobs < 0 ? null : logprobs)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  /** Until a stop token, the number asked for, or a token that the shortlist does not decide. */
  private static List<TokenLogprob> expected(float[][] table, AheadRow row) {
    List<TokenLogprob> tokens = new ArrayList<>();
    int last = row.token();
    while (tokens.size() < row.most()) {
      Candidates best = shortlist(table[last]);
      TokenLogprob next;
      if (Sampler.shortlistSuffices(row.params())) {
        double random = row.params().greedy() ? 0 : row.random()[tokens.size()];
        next = Sampler.choose(best, row.params(), random);
      } else {
        float sum = logSumExp(table[last], (float) row.params().temperature());
        next = Sampler.chooseFromBest(best, sum, row.params(), row.random()[tokens.size()]);
      }
      if (next == null) {
        return tokens;
      }
      tokens.add(next);
      last = next.tokenId();
      int token = last;
      if (Arrays.stream(row.stopTokens()).anyMatch(t -> t == token)) {
        return tokens;
      }
    }
    return tokens;
  }

  private static Candidates shortlist(float[] scores) {
    int[] ids =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .limit(Sampler.MAX_SHORTLIST)
            .mapToInt(Integer::intValue)
            .toArray();
    float[] best = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      best[i] = scores[ids[i]];
    }
    return new Candidates(ids, best, best, logSumExp(scores, 1));
  }

  private static float logSumExp(float[] scores, float temperature) {
    double most = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, (double) score / temperature);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp((double) score / temperature - most);
    }
    return (float) (most + Math.log(sum));
  }

  private List<AheadTokens> decode(List<AheadRow> rows, int vocabulary) {
    try (TorchModule.Scope scope = module.scope()) {
      return new TorchAhead(rows, vocabulary).decode(scope);
    }
  }

  private void setTable(float[][] table) {
    int size = table.length;
    float[] flat = new float[size * size];
    for (int i = 0; i < size; i++) {
      System.arraycopy(table[i], 0, flat, i * size, size);
    }
    try (TorchModule.Scope scope = module.scope()) {
      var tensor = scope.floats(flat).reshape(size, size);
      assertEquals(size, scope.callForLong("set_table", tensor));
    }
  }

  private long[][] asked() {
    try (TorchModule.Scope scope = module.scope()) {
      return Arrays.stream(scope.callForList("all_asked"))
          .map(tensor -> tensor.toLongArray())
          .toArray(long[][]::new);
    }
  }

  private static TorchModule load() {
    StringBuilder source = new StringBuilder();
    for (String part : PARTS) {
      try (InputStream in = TorchAhead.class.getResourceAsStream(part + ".torchscript")) {
        source.append(new String(in.readAllBytes(), UTF_8)).append('\n');
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("training", false);
    attributes.put("final_norm", new TorchArchive.ZeroTensor(1));
    attributes.put("table", new TorchArchive.ZeroTensor(1, 1));
    attributes.put("asked", List.of());
    return TorchModule.load(CausalLmProgram.CLASS, source.toString(), attributes, 1);
  }
}
