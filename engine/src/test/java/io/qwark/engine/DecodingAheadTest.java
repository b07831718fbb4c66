package io.qwark.engine;

import static io.qwark.engine.Completions.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.torch.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoding ahead changes how often the model is called, and nothing else, bit by bit. */
@Timeout(300)
class DecodingAheadTest {
  private static final int CACHE = 4096;
  private static final Speculative GUESSES = new Speculative(3, 3, 2, 4);

  /** An engine whose cache holds so many tokens and that decodes so many steps ahead. */
  private interface Starter {
    Engine start(int cacheTokens, int stepsAhead, Speculative speculative);
  }

  @ParameterizedTest
  @CsvSource({"1, 0.1, 0", "2, 0.5, 0", "3, 1, 0.05", "4, 3, 0.5"})
  void samplesAreTheSameWhateverTheModelLeavesOpen(long seed, float whim, double open) {
    Random random = new Random(seed);
    BooleanSupplier decided = () -> random.nextDouble() >= open;
    check(
        requests(HashModel.VOCABULARY, seed),
        (cacheTokens, stepsAhead, speculative) ->
            Engine.start(
                new EngineLimits(
                    HashModel.VOCABULARY, 2048, cacheTokens, 8, 40, true, speculative, stepsAhead),
                null,
                l -> new AheadByStep(new HashModel(cacheTokens, whim), decided)));
  }

  @ParameterizedTest
  @CsvSource({
    "random-untied, FLOAT32, STOCK",
    "random-qwen2, INT4, STOCK",
    "random-llama, BFLOAT16, STOCK",
    "quickstart, INT8, STOCK",
    "quickstart, INT8, NATIVE",
    "random-llama, INT8, NATIVE"
  })
  void theSmallModelsGiveTheSameToo(String model, Quantization quantization, Kernels kernels) {
    Backend backend = TestEngines.backend(model, quantization, kernels);
    check(
        requests(Goldens.config(model).vocabSize(), 5),
        (cacheTokens, stepsAhead, speculative) ->
            TestEngines.start(
                model,
                backend,
                TestEngines.limits(model, cacheTokens, 8, 520, true, speculative, stepsAhead)));
  }

  private static void check(List<Request> requests, Starter starter) {
    List<Completion> plain = new ArrayList<>();
    try (Engine engine = starter.start(CACHE, 1, null)) {
      requests.forEach(request -> plain.add(engine.submit(request).join()));
      assertEquals(0, engine.stats().aheadTokens());
    }
    try (Engine engine = starter.start(CACHE, 5, null)) {
      for (int i = 0; i < requests.size(); i++) {
        assertSame(plain.get(i), engine.submit(requests.get(i)).join(), "request " + i + ", alone");
      }
      assertTrue(engine.stats().aheadTokens() > 100, engine.stats().toString());
    }
    together(plain, requests, CACHE, starter.start(CACHE, 16, null));
    together(plain, requests, 300, starter.start(300, 16, null));
    together(plain, requests, CACHE, starter.start(CACHE, 4, GUESSES));
  }

  private static void together(
      List<Completion> plain, List<Request> requests, int cacheTokens, Engine started) {
    try (Engine engine = started) {
      List<CompletableFuture<Completion>> futures = requests.stream().map(engine::submit).toList();
      for (int i = 0; i < requests.size(); i++) {
        assertSame(plain.get(i), futures.get(i).join(), "request " + i + ", together");
      }
      assertEquals(cacheTokens, engine.stats().freeCacheTokens());
    }
  }

  /** Of all kinds that can be decoded ahead, and a few that cannot. */
  private static List<Request> requests(int vocabulary, long seed) {
    Random random = new Random(seed);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      int[] prompt = random.ints(1 + random.nextInt(150), 0, vocabulary).toArray();
      SamplingParams params =
          SamplingOptions.builder()
              .temperature(i % 3 == 0 ? 0.0 : i % 3 == 1 ? 0.3 : 1.0)
              .topP(i % 2 == 0 ? 0.9 : 1.0)
              .topK(i % 4 == 0 ? 0 : 1 + random.nextInt(64))
              .minP(i % 5 == 0 ? 0.1 : null)
              .presencePenalty(i % 13 == 7 ? 0.5 : null)
              .seed(seed)
              .maxTokens(1 + random.nextInt(70))
              .stopTokenIds(random.ints(i % 6, 0, vocabulary).boxed().toList())
              .logprobs(i % 11 == 8 ? Integer.valueOf(2) : i % 7 == 0 ? Integer.valueOf(0) : null)
              .promptLogprobs(i % 9 == 0)
              .build()
              .resolve(GenerationDefaults.none(List.of()));
      requests.add(new Request(prompt, i, params));
    }
    return requests;
  }
}
