package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.PrefixReuse;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import io.qwark.engine.torch.CausalLm;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What need not be scored need not be computed to the end, and makes no difference to the rest. */
class ScoredRowsTest {
  private static final int BEGINNING = 128;
  private static final int CACHE_TOKENS = 2048;

  @ParameterizedTest
  @CsvSource({
    "random-untied, INT8, NATIVE, FLOAT32",
    "random-untied, INT8, NATIVE, BFLOAT16",
    "random-qwen2, INT8, NATIVE, INT8",
    "random-llama, INT4, NATIVE, BFLOAT16",
    "quickstart, INT8, NATIVE, BFLOAT16",
    "random-untied, INT8, STOCK, AUTO"
  })
  void scoresAreThoseOfAStepOfWhichAllIsScored(
      String name, Quantization quantization, Kernels kernels, KvCacheDtype dtype) {
    int vocabulary = Goldens.config(name).vocabSize();
    try (CausalLm model =
        TestEngines.load(
            name,
            TestEngines.with(TestEngines.backend(name, quantization, kernels), dtype),
            CACHE_TOKENS)) {
      PrefixReuse reuse = model.sharesBeginnings() ? PrefixReuse.SHARED : PrefixReuse.NONE;
      Scheduler scheduler = new Scheduler(CACHE_TOKENS, 16, 512, reuse, null, 1);
      Sequence first = sequence(BEGINNING + 2, 1, vocabulary);
      scheduler.add(first);
      PackedStep prompt = pack(model, scheduler.plan());
      assertSameScores(model, prompt, new long[] {BEGINNING + 1});
      assertSameScores(model, prompt, LongStream.range(20, 50).toArray());

      first.append(7);
      scheduler.add(sequence(BEGINNING + 40, 2, vocabulary));
      scheduler.add(sequence(BEGINNING + 3, 3, vocabulary));
      scheduler.add(new Sequence(new int[] {5, 6, 7}, 100));
      PackedStep mixed = pack(model, scheduler.plan());
      assertTrue(
          !model.sharesBeginnings() || Arrays.stream(mixed.shared()).anyMatch(n -> n == BEGINNING),
          "nothing was shared");
      assertSameScores(model, mixed, mixed.ends());
      // Two of a run, and none of others.
      assertSameScores(model, mixed, new long[] {mixed.ends()[1] - 5, mixed.ends()[1]});
    }
  }

  @Test
  void aPromptOfWhichNothingIsScoredIsInTheCacheAfterwards() {
    String name = "random-untied";
    float[][] whole = afterAPrompt(name, true);
    assertArrayEquals(whole, afterAPrompt(name, false));
  }

  private static float[][] afterAPrompt(String name, boolean scored) {
    int vocabulary = Goldens.config(name).vocabSize();
    try (CausalLm model =
        TestEngines.load(
            name, TestEngines.backend(name, Quantization.INT8, Kernels.NATIVE), CACHE_TOKENS)) {
      Scheduler scheduler = new Scheduler(CACHE_TOKENS, 16, 64);
      scheduler.add(sequence(100, 4, vocabulary));
      PackedStep chunk = pack(model, scheduler.plan());
      model.step(scored ? chunk : chunk.scoring(new long[0])).close();
      PackedStep rest = pack(model, scheduler.plan());
      return scores(model, rest, rest.ends());
    }
  }

  @Test
  void rowsThatWereNotToBeScoredCannotBeAskedFor() {
    String name = "random-untied";
    try (CausalLm model = TestEngines.load(name, Quantization.INT8, CACHE_TOKENS)) {
      Scheduler scheduler = new Scheduler(CACHE_TOKENS, 16, 64);
      scheduler.add(new Sequence(new int[] {5, 6, 7, 8}, 100));
      PackedStep step = pack(model, scheduler.plan()).scoring(new long[] {3});
      assertThrows(
          IllegalArgumentException.class, () -> scores(model, step, new long[] {2}), "sampling");
      try (StepScores scores = model.step(step)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> scores.logprobs(new long[] {2, 3}, new long[] {1, 1}));
      }
    }
  }

  /** Prompts of the same beginning. */
  private static Sequence sequence(int length, int ending, int vocabulary) {
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      tokens[i] = (17 * i + (i < BEGINNING ? 0 : 31 * ending)) % vocabulary;
    }
    return new Sequence(tokens, length + 50);
  }

  private static PackedStep pack(ForwardModel model, StepPlan plan) {
    plan.moves().forEach(model::move);
    return model.rowsIndependent() ? plan.packTogether() : plan.pack();
  }

  private static void assertSameScores(ForwardModel model, PackedStep step, long[] rows) {
    float[][] whole = scores(model, step, rows);
    assertArrayEquals(whole, scores(model, step.scoring(rows), rows));
  }

  private static float[][] scores(ForwardModel model, PackedStep step, long[] rows) {
    try (StepScores scores = model.step(step)) {
      StepScores.SampledRows sampled = scores.sample(rows, Penalties.NONE);
      float[][] found = new float[rows.length][];
      for (int r = 0; r < rows.length; r++) {
        found[r] = sampled.all(r).raw();
      }
      return found;
    }
  }
}
