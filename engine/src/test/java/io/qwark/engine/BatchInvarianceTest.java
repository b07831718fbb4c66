package io.qwark.engine;

import static io.qwark.engine.Completions.assertSame;
import static io.qwark.engine.ShuffledRequests.joined;
import static io.qwark.engine.ShuffledRequests.submit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.torch.Backend;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tokens of a sample do not depend on what else is in the batch, on the order, on how prompts
 * are cut or on preemption: bit by bit, log-probabilities included.
 */
class BatchInvarianceTest {
  private static final int REQUESTS = 48;

  @ParameterizedTest
  @CsvSource({
    "random-untied, FLOAT32, STOCK, AUTO",
    "random-untied, INT8, STOCK, AUTO",
    "quickstart, INT8, STOCK, AUTO",
    "random-untied, INT4, STOCK, AUTO",
    "quickstart, INT4, STOCK, AUTO",
    "random-qwen2, INT4, STOCK, AUTO",
    "random-untied, BFLOAT16, STOCK, AUTO",
    "quickstart, BFLOAT16, STOCK, AUTO",
    "random-untied, INT8, NATIVE, FLOAT32",
    "random-tied, INT8, NATIVE, BFLOAT16",
    "random-untied, INT8, NATIVE, INT8",
    "quickstart, INT8, NATIVE, BFLOAT16",
    "random-untied, INT4, NATIVE, BFLOAT16",
    "random-qwen2, INT4, NATIVE, FLOAT32",
    "random-qwen2, FLOAT32, STOCK, AUTO",
    "random-qwen2, INT8, STOCK, AUTO",
    "random-qwen2, INT8, NATIVE, BFLOAT16",
    "random-qwen2, INT8, NATIVE, INT8",
    "random-llama, FLOAT32, STOCK, AUTO",
    "random-llama, INT8, NATIVE, BFLOAT16",
    "random-llama-tied, INT8, NATIVE, FLOAT32",
    "random-yarn, INT8, NATIVE, BFLOAT16"
  })
  void aSampleIsTheSameAloneAndInAnyCompany(
      String model, Quantization quantization, Kernels kernels, KvCacheDtype dtype) {
    assertInvariant(
        model, TestEngines.with(TestEngines.backend(model, quantization, kernels), dtype));
  }

  @ParameterizedTest
  @CsvSource({"random-untied, BFLOAT16", "quickstart, INT8"})
  void anOutputLayerOfFourBitsGivesTheSameInAnyCompany(String model, KvCacheDtype dtype) {
    Backend native4 = TestEngines.backend(model, Quantization.INT4, Kernels.NATIVE);
    assertInvariant(
        model,
        TestEngines.with(native4, dtype)
            .withLmHead(LmHeadQuantization.INT4, Goldens.config(model)));
  }

  private static void assertInvariant(String model, Backend backend) {
    List<Request> requests = requests(Goldens.config(model).vocabSize(), 11);
    List<Completion> alone = new ArrayList<>();
    try (Engine engine = TestEngines.start(model, backend, 16384, 64, 2048)) {
      for (Request request : requests) {
        alone.add(engine.submit(request).join());
      }
      assertSame(alone, joined(submit(engine, requests, 1)), "all at once");
    }
    try (Engine engine = TestEngines.start(model, backend, 2048, 7, 519)) {
      assertSame(alone, joined(submit(engine, requests, 2)), "seven at a time, in another order");
    }
    try (Engine engine = TestEngines.start(model, backend, 700, 24, 536)) {
      assertSame(alone, joined(submit(engine, requests, 3)), "with too little memory");
      assertTrue(engine.stats().preemptions() > 0, "the cache was meant to run out");
      assertEquals(700, engine.stats().freeCacheTokens());
    }
  }

  @ParameterizedTest
  @CsvSource({"random-untied, FLOAT32, STOCK", "quickstart, INT8, NATIVE"})
  void aSampleIsTheSameThoughItsModelDiesAndIsReplaced(
      String model, Quantization quantization, Kernels kernels) {
    Backend backend = TestEngines.backend(model, quantization, kernels);
    List<Request> requests = requests(Goldens.config(model).vocabSize(), 11);
    List<Completion> alone = new ArrayList<>();
    try (Engine engine = TestEngines.start(model, backend, 16384, 64, 2048)) {
      for (Request request : requests) {
        alone.add(engine.submit(request).join());
      }
    }
    // Each model dies in a later step than the one before; that of step 2 in vain.
    Iterator<Integer> lives = List.of(40, 2, 75, 110, Integer.MAX_VALUE).iterator();
    Speculative guesses = new Speculative(4, 4, 1, 24);
    EngineLimits limits = TestEngines.limits(model, 700, 24, 536, true, guesses);
    try (Engine engine =
        TestEngines.start(model, backend, limits, loaded -> new Mortal(loaded, lives.next()))) {
      assertSame(alone, joined(submit(engine, requests, 3)), "with four models that died");
      assertEquals(4, engine.stats().restarts());
      assertEquals(700, engine.stats().freeCacheTokens());
    }
  }

  /** Dies after so many steps. */
  private static final class Mortal extends ForwardingModel {
    private int life;

    Mortal(ForwardModel model, int life) {
      super(model);
      this.life = life;
    }

    @Override
    public StepScores step(PackedStep step) {
      if (life-- == 0) {
        throw new LinkageError("as the test wants it");
      }
      return super.step(step);
    }
  }

  private static List<Request> requests(int vocab, long seed) {
    Random random = new Random(seed);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      // Some prompts are longer than a chunk, some sample from the whole vocabulary.
      int length = 1 + random.nextInt(random.nextInt(8) == 0 ? 600 : 90);
      SamplingParams params =
          SamplingOptions.builder()
              .temperature(i % 5 == 0 ? 0.0 : 1.0)
              .topP(0.95)
              .topK(i % 7 == 0 ? 0 : 20)
              .presencePenalty(i % 6 == 0 ? 1.0 : null)
              .repetitionPenalty(i % 4 == 0 ? 1.2 : null)
              .seed((long) i)
              .maxTokens(1 + random.nextInt(60))
              .logprobs(2)
              .promptLogprobs(i % 3 == 0)
              .build()
              .resolve(GenerationDefaults.none(List.of()));
      requests.add(new Request(random.ints(length, 0, vocab).toArray(), i % 3, params));
    }
    return requests;
  }
}
