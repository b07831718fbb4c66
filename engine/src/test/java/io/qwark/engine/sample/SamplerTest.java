package io.qwark.engine.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TokenLogprob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {
  private static final Path GOLDEN = Path.of("src/test/resources/goldens/sampling.jsonl");

  static Stream<JsonNode> goldens() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> cases = new ArrayList<>();
    for (String line : Files.readAllLines(GOLDEN)) {
      cases.add(json.readTree(line));
    }
    return cases.stream();
  }

  /**
   * The probabilities are those of Transformers' logits processors (sampling_golden.py). Tokens are
   * ranked by probability, so the middle of each one's share of [0, 1) must give that token, and
   * shares end where they should.
   */
  @ParameterizedTest
  @MethodSource("goldens")
  void drawsFromTheDistributionOfTransformers(JsonNode golden) {
    SamplingParams params = params(golden);
    Candidates candidates = penalized(golden, params);
    double from = 0;
    List<Map.Entry<Integer, Double>> ranked = ranked(golden.get("expected"));
    for (Map.Entry<Integer, Double> token : ranked) {
      double share = token.getValue();
      // Transformers works in float32: the last bits of the limits are not compared.
      if (share > 1e-5) {
        assertToken(token.getKey(), candidates, params, from + share / 2);
        assertToken(token.getKey(), candidates, params, from + share * 0.01);
        assertToken(token.getKey(), candidates, params, from + share * 0.99);
      }
      from += share;
    }
    assertEquals(1, from, 1e-6);
  }

  @Test
  void greedyTakesTheBestAndOfEqualOnesTheSmallestId() {
    float[] scores = {1f, 3f, 3f, -1f};
    Candidates shuffled = new Candidates(new int[] {9, 7, 4, 2}, scores, scores, logSumExp(scores));
    assertEquals(4, Sampler.choose(shuffled, greedy(), 0.99).tokenId());
  }

  @Test
  void theOrderOfCandidatesDoesNotMatter() {
    float[] scores = {0.5f, 0.5f, 2f, -0f, 0f};
    float[] reversed = {0f, -0f, 2f, 0.5f, 0.5f};
    Candidates one = new Candidates(new int[] {0, 1, 2, 3, 4}, scores, scores, 0);
    Candidates other = new Candidates(new int[] {4, 3, 2, 1, 0}, reversed, reversed, 0);
    SamplingParams params = sampling(1.0, 1.0, 0, 0);
    for (double u = 0; u < 1; u += 0.01) {
      assertEquals(
          Sampler.choose(one, params, u).tokenId(), Sampler.choose(other, params, u).tokenId());
    }
  }

  @Test
  void logprobsAreThoseOfTheModelWhateverTheTemperature() {
    float[] scores = {1f, 2f, 3f};
    Candidates candidates = Candidates.all(scores, scores, logSumExp(scores));
    // log softmax of (1, 2, 3) at 3, by hand: 3 - log(e + e^2 + e^3) = -0.40760596
    assertEquals(
        -0.40760596f, Sampler.choose(candidates, sampling(0.1, 1, 1, 0), 0.5).logprob(), 1e-6);
    assertEquals(-1.40760596f, candidates.likeliest(2).get(1).logprob(), 1e-6);
  }

  @Test
  void scoresThatAreNoNumbersFail() {
    float[] broken = {1f, Float.NaN};
    Candidates candidates = Candidates.all(broken, broken, 0);
    assertThrows(ArithmeticException.class, () -> Sampler.choose(candidates, greedy(), 0));
  }

  @Test
  void aShortlistSufficesOnlyForGreedyAndSmallTopK() {
    assertTrue(Sampler.shortlistSuffices(greedy()));
    assertTrue(Sampler.shortlistSuffices(sampling(1, 1, 64, 0)));
    assertTrue(!Sampler.shortlistSuffices(sampling(1, 1, 65, 0)));
    assertTrue(!Sampler.shortlistSuffices(sampling(1, 0.9, 0, 0)));
  }

  private static void assertToken(
      int expected, Candidates candidates, SamplingParams params, double u) {
    assertEquals(expected, Sampler.choose(candidates, params, u).tokenId(), "u = " + u);
  }

  private static Candidates penalized(JsonNode golden, SamplingParams params) {
    float[] raw = new float[golden.get("logits").size()];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (float) golden.get("logits").get(i).asDouble();
    }
    int[] seen = new int[golden.get("seen").size()];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = golden.get("seen").get(i).asInt();
    }
    float[] scores = raw.clone();
    List<PenaltyState> states = new ArrayList<>();
    states.add(new PenaltyState(params, seen));
    Penalties penalties = PenaltyBatch.of(states);
    for (int i = 0; i < penalties.ids().length; i++) {
      int id = (int) penalties.ids()[i];
      float r = penalties.repetition()[i];
      scores[id] = (raw[id] > 0 ? raw[id] / r : raw[id] * r) - penalties.subtract()[i];
    }
    return Candidates.all(scores, raw, logSumExp(raw));
  }

  /** Scores as a model's: some far above a crowd that is not negligible together. */
  @Test
  void theBestCandidatesDecideAsTheWholeVocabularyDoes() {
    Random random = new Random(9);
    int decided = 0;
    int left = 0;
    for (double temperature : new double[] {0.3, 0.7, 1, 2}) {
      for (double topP : new double[] {0.5, 0.95, 1}) {
        for (double minP : new double[] {0, 0.05}) {
          SamplingParams params = sampling(temperature, topP, 0, minP);
          for (int round = 0; round < 40; round++) {
            float[] scores = new float[5000];
            for (int i = 0; i < scores.length; i++) {
              double gaussian = random.nextGaussian();
              scores[i] = (float) (i % 50 == 0 ? 4 * Math.abs(gaussian) : gaussian);
            }
            Candidates all = Candidates.all(scores, scores, logSumExp(scores));
            double u = random.nextDouble();
            TokenLogprob chosen =
                Sampler.chooseFromBest(best(all), logSumExp(scores, temperature), params, u);
            if (chosen == null) {
              left++;
            } else {
              assertEquals(Sampler.choose(all, params, u), chosen);
              decided++;
            }
          }
        }
      }
    }
    assertTrue(decided > 400 && left > 100, decided + " decided, " + left + " left");
  }

  private static Candidates best(Candidates all) {
    int[] ids =
        IntStream.of(all.ids())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -all.scores()[i]))
            .limit(Sampler.MAX_SHORTLIST)
            .mapToInt(i -> i)
            .toArray();
    float[] scores = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      scores[i] = all.scores()[ids[i]];
    }
    return new Candidates(ids, scores, scores, all.logSumExp());
  }

  private static float logSumExp(float[] scores, double temperature) {
    float[] divided = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      divided[i] = scores[i] / (float) temperature;
    }
    return logSumExp(divided);
  }

  private static List<Map.Entry<Integer, Double>> ranked(JsonNode expected) {
    List<Map.Entry<Integer, Double>> tokens = new ArrayList<>();
    expected
        .properties()
        .forEach(e -> tokens.add(Map.entry(Integer.valueOf(e.getKey()), e.getValue().asDouble())));
    tokens.sort(Map.Entry.<Integer, Double>comparingByValue().reversed());
    return tokens;
  }

  private static SamplingParams params(JsonNode golden) {
    return SamplingOptions.builder()
        .temperature(golden.get("temperature").asDouble())
        .topP(golden.get("top_p").asDouble())
        .topK(golden.get("top_k").asInt())
        .minP(golden.get("min_p").asDouble())
        .repetitionPenalty(golden.get("repetition_penalty").asDouble())
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  private static SamplingParams sampling(double temperature, double topP, int topK, double minP) {
    return SamplingOptions.builder()
        .temperature(temperature)
        .topP(topP)
        .topK(topK)
        .minP(minP)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  private static SamplingParams greedy() {
    return sampling(0, 1, 0, 0);
  }

  private static float logSumExp(float[] scores) {
    double sum = 0;
    for (float s : scores) {
      sum += Math.exp(s);
    }
    return (float) Math.log(sum);
  }
}
