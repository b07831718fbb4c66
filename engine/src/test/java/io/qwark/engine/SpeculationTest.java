package io.qwark.engine;

import static io.qwark.engine.Completions.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.text.Tokenizer;
import io.qwark.engine.torch.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guessing ahead changes how many tokens a step yields, and nothing else, bit by bit. */
@Timeout(300)
class SpeculationTest {
  private static final int CACHE = 4096;
  private static final Speculative FEW = new Speculative(3, 3, 2, 4);
  private static final Speculative MANY = new Speculative(9, 2, 1, 64);

  @ParameterizedTest
  @CsvSource({"1, 0.1", "2, 0.5", "3, 1", "4, 3"})
  void samplesAreTheSameWithAndWithoutGuesses(long seed, float whim) {
    List<Request> requests = requests(HashModel.VOCABULARY, seed, 90);
    check(
        requests,
        (cacheTokens, speculative) ->
            start(limits(cacheTokens, speculative), new HashModel(cacheTokens, whim)));
  }

  @ParameterizedTest
  @CsvSource({
    "random-untied, FLOAT32, STOCK",
    "quickstart, INT8, STOCK",
    "quickstart, INT8, NATIVE"
  })
  void theSmallModelsGiveTheSameToo(String model, Quantization quantization, Kernels kernels) {
    Backend backend = TestEngines.backend(model, quantization, kernels);
    check(
        requests(Goldens.config(model).vocabSize(), 5, 40),
        (cacheTokens, speculative) ->
            TestEngines.start(
                model, backend, TestEngines.limits(model, cacheTokens, 8, 40, true, speculative)));
  }

  @Test
  void whatRepeatsItselfTakesFewerSteps() {
    int[] prompt = {1, 2, 3};
    try (Engine plain = start(limits(CACHE, null), new HashModel(CACHE, 0));
        Engine guessing = start(limits(CACHE, MANY), new HashModel(CACHE, 0))) {
      int[] expected = plain.submit(new Request(prompt, 0, Goldens.greedy(400))).join().tokenIds();
      int[] actual = guessing.submit(new Request(prompt, 0, Goldens.greedy(400))).join().tokenIds();
      assertArrayEquals(expected, actual);
      assertEquals(400, plain.stats().steps());
      EngineStats stats = guessing.stats();
      assertTrue(stats.steps() < 100, stats.toString());
      assertEquals(400, stats.completionTokens());
      assertEquals(400 - stats.steps(), stats.acceptedTokens());
      assertTrue(stats.draftTokens() >= stats.acceptedTokens(), stats.toString());
    }
  }

  @Test
  void penaltiesAndGuessesDoNotMix() {
    try (Engine engine = start(limits(CACHE, MANY), new HashModel(CACHE, 0))) {
      SamplingParams penalized =
          SamplingOptions.builder()
              .temperature(0.0)
              .frequencyPenalty(0.01)
              .maxTokens(100)
              .build()
              .resolve(GenerationDefaults.none(List.of()));
      engine.submit(new Request(new int[] {1, 2, 3}, 0, penalized)).join();
      assertEquals(0, engine.stats().draftTokens());
      assertEquals(100, engine.stats().steps());
    }
  }

  /** Every stop that can be in a text is tried, so that some come among right guesses. */
  @Test
  void stopsComeWhereTheyWouldWithoutGuesses() {
    int[] prompt = {1, 2, 3};
    try (Tokenizer tokenizer =
            Tokenizer.open(Goldens.modelFolder("quickstart").resolve("tokenizer.json"));
        Engine plain = start(limits(CACHE, null), tokenizer, new HashModel(CACHE, 0.3f));
        Engine guessing = start(limits(CACHE, MANY), tokenizer, new HashModel(CACHE, 0.3f))) {
      int[] text = plain.submit(new Request(prompt, 0, Goldens.greedy(60))).join().tokenIds();
      int stopped = 0;
      for (int i = 0; i < text.length; i++) {
        for (SamplingParams params :
            List.of(
                stopping(null, List.of(text[i])),
                stopping(List.of(tokenizer.decode(new int[] {text[i]}, true)), null),
                stopping(List.of(tokenizer.decode(Arrays.copyOfRange(text, i, i + 2), true)), null),
                Goldens.greedy(1 + i))) {
          Completion expected = plain.submit(new Request(prompt, 0, params)).join();
          Completion actual = guessing.submit(new Request(prompt, 0, params)).join();
          assertArrayEquals(expected.tokenIds(), actual.tokenIds());
          assertEquals(expected.finishReason(), actual.finishReason());
          assertEquals(expected.stoppedByToken(), actual.stoppedByToken());
          assertEquals(expected.text(), actual.text());
          stopped += actual.finishReason() == FinishReason.STOP ? 1 : 0;
        }
      }
      assertTrue(stopped > text.length, "stopped " + stopped + " times");
      assertTrue(guessing.stats().acceptedTokens() > 100, guessing.stats().toString());
      assertEquals(CACHE, guessing.stats().freeCacheTokens());
    }
  }

  @Test
  void theEndOfTheContextIsTheSame() {
    EngineLimits small = new EngineLimits(HashModel.VOCABULARY, 50, 64, 4, 32, true, MANY, 1);
    try (Engine engine = start(small, new HashModel(64, 0))) {
      for (int length = 1; length < 50; length++) {
        Request request =
            new Request(
                IntStream.range(0, length).map(i -> i % 3).toArray(), 0, Goldens.greedy(99));
        Completion completion = engine.submit(request).join();
        assertEquals(50 - length, completion.tokenIds().length);
        assertEquals(FinishReason.LENGTH, completion.finishReason());
      }
    }
  }

  /** The scores after a 7 are no numbers; what follows any other digit is the next one. */
  @Test
  void badScoresFailARequestThatNeedsThemAndNoOther() {
    int[] digits = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3};
    for (Speculative speculative : Arrays.asList(null, MANY)) {
      try (Engine engine =
          start(limits(CACHE, speculative), new HashModel(CACHE, SpeculationTest::digits))) {
        CompletableFuture<Completion> bad =
            engine.submit(new Request(digits, 0, stopping(null, List.of(9))));
        assertNotNull(assertThrows(CompletionException.class, bad::join).getCause());
        Completion good = engine.submit(new Request(digits, 0, stopping(null, List.of(7)))).join();
        assertArrayEquals(new int[] {4, 5, 6, 7}, good.tokenIds());
        assertEquals(CACHE, engine.stats().freeCacheTokens());
        assertEquals(speculative != null, engine.stats().acceptedTokens() > 0);
      }
    }
  }

  private static float[] digits(long past, long last) {
    float[] scores = new float[10];
    Arrays.fill(scores, last == 7 ? Float.NaN : -1);
    scores[(int) (last + 1) % 10] += 1;
    return scores;
  }

  private interface Starter {
    Engine start(int cacheTokens, Speculative speculative);
  }

  private static void check(List<Request> requests, Starter starter) {
    List<Completion> alone = new ArrayList<>();
    try (Engine engine = starter.start(CACHE, null)) {
      requests.forEach(request -> alone.add(engine.submit(request).join()));
      assertEquals(0, engine.stats().draftTokens());
    }
    try (Engine engine = starter.start(CACHE, FEW)) {
      for (int i = 0; i < requests.size(); i++) {
        assertSame(alone.get(i), engine.submit(requests.get(i)).join(), "request " + i + ", alone");
      }
      assertTrue(engine.stats().acceptedTokens() > 0, engine.stats().toString());
    }
    for (int cacheTokens : new int[] {CACHE, 300}) {
      try (Engine engine = starter.start(cacheTokens, MANY)) {
        List<CompletableFuture<Completion>> together =
            requests.stream().map(engine::submit).toList();
        for (int i = 0; i < requests.size(); i++) {
          assertSame(alone.get(i), together.get(i).join(), "request " + i + ", together");
        }
        assertTrue(engine.stats().acceptedTokens() > 0, engine.stats().toString());
        assertEquals(cacheTokens, engine.stats().freeCacheTokens());
      }
    }
  }

  /** Prompts that repeat themselves, so that there is something to guess. */
  private static List<Request> requests(int vocabulary, long seed, int longest) {
    Random random = new Random(seed);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      int[] circle = random.ints(1 + random.nextInt(12), 0, vocabulary).toArray();
      int[] prompt = new int[1 + random.nextInt(150)];
      Arrays.setAll(prompt, t -> circle[t % circle.length]);
      SamplingParams params =
          SamplingOptions.builder()
              .temperature(i % 3 == 0 ? 0.0 : 0.3)
              .topP(0.95)
              .topK(i % 4 == 0 ? 0 : 20)
              .presencePenalty(i % 7 == 0 ? 0.5 : null)
              .seed(seed)
              .maxTokens(longest - random.nextInt(longest / 2))
              .stopTokenIds(i % 5 == 0 ? List.of(circle[0]) : null)
              .logprobs(2)
              .promptLogprobs(i % 6 == 0)
              .build()
              .resolve(GenerationDefaults.none(List.of()));
      requests.add(new Request(prompt, i, params));
    }
    return requests;
  }

  private static SamplingParams stopping(List<String> stop, List<Integer> stopTokenIds) {
    return SamplingOptions.builder()
        .temperature(0.0)
        .maxTokens(60)
        .stop(stop)
        .stopTokenIds(stopTokenIds)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  private static EngineLimits limits(int cacheTokens, Speculative speculative) {
    return new EngineLimits(HashModel.VOCABULARY, 2048, cacheTokens, 8, 40, true, speculative, 1);
  }

  private static Engine start(EngineLimits limits, ForwardModel model) {
    return start(limits, null, model);
  }

  private static Engine start(EngineLimits limits, Tokenizer tokenizer, ForwardModel model) {
    Function<EngineLimits, ForwardModel> loader = l -> model;
    return Engine.start(limits, tokenizer, loader);
  }
}
