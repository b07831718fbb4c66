package io.qwark.engine;

import static io.qwark.engine.Completions.assertSame;
import static io.qwark.engine.ShuffledRequests.amongCancelled;
import static io.qwark.engine.ShuffledRequests.atRest;
import static io.qwark.engine.ShuffledRequests.joined;
import static io.qwark.engine.ShuffledRequests.submit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.torch.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Samples are the same, bit by bit, whether or not they take beginnings of their prompts from
 * others: each is compared with itself alone in an engine that has everything computed.
 */
@Timeout(300)
class PrefixCachingTest {
  /** Beside 8 running sequences 32 tokens are left: prompts are cut every 32 tokens. */
  private static final int SEQUENCES = 8;

  private static final int BUDGET = SEQUENCES + 32;
  private static final int CACHE = 8192;

  /** Room for the longest sample and little more. */
  private static final int SMALL_CACHE = 300;

  @ParameterizedTest
  @CsvSource({
    "random-untied, FLOAT32, STOCK",
    "quickstart, INT8, STOCK",
    "random-untied, INT8, NATIVE"
  })
  void aSampleIsTheSameWithAndWithoutReuse(
      String model, Quantization quantization, Kernels kernels) {
    Backend backend = TestEngines.backend(model, quantization, kernels);
    check(
        alike(Goldens.config(model).vocabSize(), 5, 40),
        limits -> TestEngines.start(model, backend, limits),
        (cacheTokens, caching) ->
            TestEngines.limits(model, cacheTokens, SEQUENCES, BUDGET, caching, null));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whereCutsDoNotMatterAnyNumberOfTokensIsReused(long seed) {
    check(
        alike(HashModel.VOCABULARY, seed, 90),
        limits -> Engine.start(limits, null, l -> new HashModel(l.cacheTokens(), 3)),
        PrefixCachingTest::hashLimits);
  }

  @Test
  void preemptedSamplesTakeTheirOwnPromptsAgain() {
    List<Request> requests = alike(HashModel.VOCABULARY, 7, 90);
    List<Completion> alone = new ArrayList<>();
    try (Engine engine =
        Engine.start(hashLimits(CACHE, false), null, l -> new HashModel(l.cacheTokens(), 3))) {
      requests.forEach(request -> alone.add(engine.submit(request).join()));
    }
    // The first step waits until all are there: what happens from then on is always the same.
    CountDownLatch allThere = new CountDownLatch(1);
    HashModel.Opinion waiting =
        (past, last) -> {
          allThere.await();
          return HashModel.scores(past, last, 3);
        };
    try (Engine engine =
        Engine.start(
            hashLimits(SMALL_CACHE, true), null, l -> new HashModel(l.cacheTokens(), waiting))) {
      List<CompletableFuture<Completion>> futures = requests.stream().map(engine::submit).toList();
      allThere.countDown();
      assertSame(alone, joined(futures), "preempted");
      assertTrue(engine.stats().preemptions() > 3, engine.stats().toString());
      assertFreeAndReused(engine, SMALL_CACHE);
    }
  }

  @Test
  void samplesOfOnePromptComputeItOnce() {
    int[] prompt = IntStream.range(0, 320).map(i -> i * i % HashModel.VOCABULARY).toArray();
    EngineLimits limits = hashLimits(CACHE, true);
    try (Engine engine = Engine.start(limits, null, l -> new HashModel(l.cacheTokens(), 3))) {
      List<CompletableFuture<Completion>> samples =
          IntStream.range(0, 50).mapToObj(i -> sample(engine, prompt, i)).toList();
      samples.forEach(CompletableFuture::join);
      EngineStats stats = engine.stats();
      assertEquals(320 + 49, stats.promptTokens());
      assertEquals(49 * 319, stats.promptTokensReused());
      assertEquals(CACHE, stats.freeCacheTokens());
      assertEquals(320, stats.retainedCacheTokens());
    }
  }

  private interface Limits {
    EngineLimits of(int cacheTokens, boolean enablePrefixCaching);
  }

  private static void check(
      List<Request> requests, Function<EngineLimits, Engine> starter, Limits limits) {
    List<Completion> alone = new ArrayList<>();
    try (Engine engine = starter.apply(limits.of(CACHE, false))) {
      requests.forEach(request -> alone.add(engine.submit(request).join()));
      assertEquals(0, engine.stats().promptTokensReused());
      assertEquals(0, engine.stats().retainedCacheTokens());
    }
    try (Engine engine = starter.apply(limits.of(CACHE, true))) {
      assertSame(alone, joined(submit(engine, requests, 1)), "all at once");
      assertSame(
          alone, joined(submit(engine, requests, 2)), "once more, with prompts kept from before");
      assertFreeAndReused(engine, CACHE);
      assertTrue(engine.stats().retainedCacheTokens() > 0);
    }
    try (Engine engine = starter.apply(limits.of(SMALL_CACHE, true))) {
      assertSame(alone, joined(submit(engine, requests, 3)), "with too little memory");
      assertFreeAndReused(engine, SMALL_CACHE);
    }
    try (Engine engine = starter.apply(limits.of(2 * SMALL_CACHE, true))) {
      assertSame(
          alone, joined(amongCancelled(engine, requests, 4)), "beside some that are cancelled");
      assertFreeAndReused(engine, 2 * SMALL_CACHE);
    }
  }

  private static void assertFreeAndReused(Engine engine, int cacheTokens) {
    EngineStats stats = atRest(engine);
    assertEquals(cacheTokens, stats.freeCacheTokens());
    assertTrue(stats.promptTokensReused() > 0, stats.toString());
  }

  /** Samples of a few prompts, prompts with a common beginning, and some of their own. */
  private static List<Request> alike(int vocabulary, long seed, int longest) {
    Random random = new Random(seed);
    int[] beginning = random.ints(150, 0, vocabulary).toArray();
    List<Request> requests = new ArrayList<>();
    for (int prompt = 0; prompt < 12; prompt++) {
      int[] tokens = random.ints(1 + random.nextInt(200), 0, vocabulary).toArray();
      if (prompt % 4 > 0) {
        int common = Math.min(tokens.length, 10 + random.nextInt(140));
        System.arraycopy(beginning, 0, tokens, 0, common);
      }
      for (int sample = 0; sample < 1 + prompt % 5; sample++) {
        requests.add(
            new Request(tokens, sample, params(requests.size(), longest - random.nextInt(40))));
      }
    }
    return requests;
  }

  private static SamplingParams params(int number, int maxTokens) {
    return SamplingOptions.builder()
        .temperature(number % 3 == 0 ? 0.0 : 1.0)
        .topP(0.95)
        .topK(number % 4 == 0 ? 0 : 20)
        .repetitionPenalty(number % 5 == 0 ? 1.2 : null)
        .seed(7L)
        .maxTokens(maxTokens)
        .logprobs(2)
        .promptLogprobs(number % 6 == 0)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  private static CompletableFuture<Completion> sample(Engine engine, int[] prompt, int sample) {
    SamplingParams params =
        SamplingOptions.builder()
            .temperature(1.0)
            .seed(7L)
            .maxTokens(5)
            .build()
            .resolve(GenerationDefaults.none(List.of()));
    return engine.submit(new Request(Arrays.copyOf(prompt, prompt.length), sample, params));
  }

  private static EngineLimits hashLimits(int cacheTokens, boolean enablePrefixCaching) {
    return new EngineLimits(
        HashModel.VOCABULARY, 2048, cacheTokens, SEQUENCES, BUDGET, enablePrefixCaching, null, 1);
  }
}
