package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.torch.Backend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random requests in random company, in engines of random limits, some of them cancelled: each
 * gives what it gives alone, bit by bit. {@code -Dqwark.mixes=1000} sets how many mixes are tried
 * over all models; a build tries some.
 */
class RandomMixesTest {
  private static final int MIXES = Integer.getInteger("qwark.mixes", 100);
  private static final int MODELS = 5;
  private static final int POOL = Math.min(200, 60 + MIXES / 8);
  private static final int LARGEST_MIX = 24;

  @ParameterizedTest
  @CsvSource({
    "quickstart, INT8, NATIVE, BFLOAT16",
    "quickstart, INT8, STOCK, AUTO",
    "random-untied, INT8, NATIVE, INT8",
    "random-untied, INT8, NATIVE, FLOAT32",
    "random-untied, INT8, STOCK, AUTO"
  })
  void aRequestGivesTheSameInAnyMix(
      String model, Quantization quantization, Kernels kernels, KvCacheDtype dtype) {
    Backend backend = TestEngines.with(TestEngines.backend(model, quantization, kernels), dtype);
    RequestPool pool;
    try (Engine engine =
        TestEngines.start(model, backend, TestEngines.limits(model, 4096, 1, 513, false, null))) {
      pool = RequestPool.of(Goldens.config(model).vocabSize(), POOL, 5, engine);
    }
    List<EngineLimits> limits = limits(model, kernels);
    List<Engine> engines = new ArrayList<>();
    try {
      limits.forEach(each -> engines.add(TestEngines.start(model, backend, each)));
      Random random = new Random(7);
      for (int mix = 0; mix < MIXES / MODELS; mix++) {
        int which = random.nextInt(engines.size());
        String how = "mix " + mix + " in engine " + which;
        tryMix(engines.get(which), pool, random, how);
        awaitAllFree(engines.get(which), limits.get(which).cacheTokens(), how);
      }
      engines.forEach(engine -> assertEquals(0, engine.stats().restarts()));
      // A few mixes may happen to fit.
      boolean ranOut = engines.stream().anyMatch(engine -> engine.stats().preemptions() > 0);
      assertTrue(ranOut || MIXES < 1000, "some caches were meant to run out");
    } finally {
      engines.forEach(Engine::close);
    }
  }

  /**
   * Room for all; few at a time; too little memory; the same with guesses or ahead; small steps.
   */
  private static List<EngineLimits> limits(String model, Kernels kernels) {
    Speculative guesses = new Speculative(5, 4, 1, 64);
    List<EngineLimits> limits = new ArrayList<>();
    limits.add(TestEngines.limits(model, 32768, 64, 2048, true, null));
    limits.add(TestEngines.limits(model, 4096, 5, 517, false, guesses));
    limits.add(TestEngines.limits(model, RequestPool.longest() + 64, 24, 536, true, null));
    limits.add(TestEngines.limits(model, RequestPool.longest() + 64, 24, 536, true, guesses));
    limits.add(TestEngines.limits(model, 16384, 64, 2048, true, guesses));
    limits.add(TestEngines.limits(model, RequestPool.longest() + 64, 24, 536, true, null, 6));
    if (kernels == Kernels.NATIVE) {
      // Cuts prompts elsewhere, which stock operators are not made for.
      limits.add(TestEngines.limits(model, 4096, 16, 90, true, guesses));
    }
    return limits;
  }

  private static void tryMix(Engine engine, RequestPool pool, Random random, String how) {
    int size = 2 + random.nextInt(LARGEST_MIX - 1);
    int[] chosen = random.ints(size, 0, pool.size()).toArray();
    List<CompletableFuture<Completion>> futures = new ArrayList<>();
    for (int index : chosen) {
      futures.add(engine.submit(pool.request(index)));
    }
    Set<Integer> mayBeCancelled = cancelSome(futures, random);
    for (int i = 0; i < size; i++) {
      if (!mayBeCancelled.contains(i) || !isCancelled(futures.get(i))) {
        pool.assertAsAlone(chosen[i], futures.get(i).join(), how);
      }
    }
  }

  private static boolean isCancelled(CompletableFuture<Completion> future) {
    return future.handle((completion, failure) -> future.isCancelled()).join();
  }

  /** At once or when another one is done; in half of the mixes. */
  private static Set<Integer> cancelSome(
      List<CompletableFuture<Completion>> futures, Random random) {
    Set<Integer> victims = new HashSet<>();
    int count = random.nextBoolean() ? 0 : 1 + random.nextInt(1 + futures.size() / 4);
    for (int i = 0; i < count; i++) {
      int victim = random.nextInt(futures.size());
      int other = random.nextInt(futures.size());
      victims.add(victim);
      if (other == victim) {
        futures.get(victim).cancel(true);
      } else {
        var unused =
            futures
                .get(other)
                .whenComplete((completion, failure) -> futures.get(victim).cancel(true));
      }
    }
    return victims;
  }

  private static void awaitAllFree(Engine engine, int cacheTokens, String how) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (engine.stats().running() + engine.stats().waiting() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(0, engine.stats().running() + engine.stats().waiting(), how);
    assertEquals(cacheTokens, engine.stats().freeCacheTokens(), how);
  }
}
