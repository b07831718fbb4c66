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
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.torch.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Native kernels read a common beginning from one place for all. Each request gives what it gives
 * alone, bit by bit, among others that begin alike, also where some are cancelled, lose their place
 * or fail.
 */
@Timeout(300)
class SharedBeginningsTest {
  /** About the 64 tokens of a block, and many blocks. */
  private static final int[] COMMON = {63, 64, 65, 128, 200, 1000};

  private static final int SAMPLES = 12;
  private static final int LONG = 1000;

  @ParameterizedTest
  @CsvSource({
    "quickstart, BFLOAT16",
    "random-untied, INT8",
    "random-llama-tied, FLOAT32",
    "random-untied, BFLOAT16"
  })
  void aRequestGivesTheSameAmongOthersThatBeginAlike(String model, KvCacheDtype dtype) {
    Backend backend = backend(model, dtype);
    List<Request> requests = requests(Goldens.config(model).vocabSize());
    List<Completion> alone = new ArrayList<>();
    try (Engine engine =
        TestEngines.start(model, backend, TestEngines.limits(model, 2048, 1, 513, false, null))) {
      requests.forEach(request -> alone.add(engine.submit(request).join()));
    }
    for (int cacheTokens : new int[] {32768, 2200, 1100}) {
      EngineLimits limits = TestEngines.limits(model, cacheTokens, 16, 528, true, null);
      List<Unreliable> models = new ArrayList<>();
      try (Engine engine =
          TestEngines.start(
              model,
              backend,
              limits,
              loaded -> {
                models.add(new Unreliable(loaded));
                return models.get(0);
              })) {
        String how = dtype + " in " + cacheTokens;
        assertSame(alone, joined(submit(engine, requests, 1)), how);
        assertSame(alone, joined(submit(engine, requests, 2)), how + " once more");
        assertTrue(models.get(0).shared.get() > 100, models.get(0).shared + " shared");
        assertSame(
            alone, joined(amongCancelled(engine, requests, 5)), how + " beside cancelled ones");
        models.get(0).failing = true;
        List<Completion> some = survivors(submit(engine, requests, 3));
        models.get(0).failing = false;
        assertTrue(some.contains(null));
        for (int i = 0; i < some.size(); i++) {
          if (some.get(i) != null) {
            assertSame(alone.get(i), some.get(i), i + ", " + how + " beside failing ones");
          }
        }
        assertSame(alone, joined(submit(engine, requests, 4)), how + " after failures");
        assertEquals(cacheTokens, atRest(engine).freeCacheTokens());
        assertTrue(cacheTokens > 1100 || engine.stats().preemptions() > 0);
      }
    }
  }

  /** Copies of the prompt would need 12,000 slots. */
  @ParameterizedTest
  @CsvSource({"quickstart, BFLOAT16", "quickstart, INT8"})
  void samplesOfALongPromptRunTogetherWhereItsCopiesWouldNotFit(String model, KvCacheDtype dtype) {
    int[] prompt = new Random(3).ints(LONG, 0, Goldens.config(model).vocabSize()).toArray();
    EngineLimits limits = TestEngines.limits(model, 1008 + SAMPLES * 80, 16, 528, true, null);
    try (Engine engine = TestEngines.start(model, backend(model, dtype), limits)) {
      List<CompletableFuture<Completion>> samples =
          IntStream.range(0, SAMPLES)
              .mapToObj(i -> engine.submit(new Request(prompt, i, params(0, 32))))
              .toList();
      samples.forEach(CompletableFuture::join);
      EngineStats stats = engine.stats();
      assertEquals(0, stats.preemptions());
      assertEquals(LONG + SAMPLES - 1, stats.promptTokens());
      // All at a time: two for the prompt, and one for each token after the first.
      assertTrue(stats.steps() <= 2 + 32, stats.toString());
      assertEquals(limits.cacheTokens(), stats.freeCacheTokens());
      // The prompt alone, in whole slots.
      assertEquals(1008, stats.retainedCacheTokens());
    }
  }

  private static Backend backend(String model, KvCacheDtype dtype) {
    return TestEngines.with(TestEngines.backend(model, Quantization.INT8, Kernels.NATIVE), dtype);
  }

  /** Samples of one prompt for each length, the prompt and more, and others of their own. */
  private static List<Request> requests(int vocab) {
    Random random = new Random(11);
    int[] beginning = random.ints(LONG, 0, vocab).toArray();
    List<Request> requests = new ArrayList<>();
    for (int common : COMMON) {
      for (int i = 0; i < 4; i++) {
        int end = i == 0 ? 0 : 1 + random.nextInt(70);
        int[] prompt = Arrays.copyOf(beginning, common + end);
        for (int t = common; t < prompt.length; t++) {
          prompt[t] = random.nextInt(vocab);
        }
        for (int sample = 0; sample < 1 + i % 2; sample++) {
          requests.add(
              new Request(prompt, sample, params(requests.size(), 1 + random.nextInt(24))));
        }
      }
    }
    return requests;
  }

  private static SamplingParams params(int number, int maxTokens) {
    return SamplingOptions.builder()
        .temperature(number % 3 == 0 ? 0.0 : 1.0)
        .topP(0.95)
        .topK(20)
        .seed(7L)
        .maxTokens(maxTokens)
        .stopTokenIds(List.of())
        .logprobs(2)
        .promptLogprobs(number % 7 == 6)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  /** Null for those that failed. */
  private static List<Completion> survivors(List<CompletableFuture<Completion>> futures) {
    List<Completion> survivors = new ArrayList<>();
    futures.forEach(future -> survivors.add(future.exceptionally(failure -> null).join()));
    return survivors;
  }

  /** Counts runs that read a shared beginning, and fails now and then if asked to. */
  private static final class Unreliable extends ForwardingModel {
    private volatile boolean failing;
    private final AtomicInteger shared = new AtomicInteger();
    private int steps;
    private int moves;

    Unreliable(ForwardModel model) {
      super(model);
    }

    @Override
    public void move(CacheMove move) {
      if (failing && ++moves % 20 == 0) {
        throw new IllegalStateException("a move, as the test wants it");
      }
      super.move(move);
    }

    @Override
    public StepScores step(PackedStep step) {
      if (failing && ++steps % 8 == 0) {
        throw new IllegalStateException("a step, as the test wants it");
      }
      for (int run = 0; run < step.shared().length; run += 2) {
        shared.addAndGet(step.shared()[run + 1] > 0 ? 1 : 0);
      }
      return super.step(step);
    }
  }
}
