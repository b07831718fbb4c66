package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.CausalLm;
import io.qwark.engine.torch.CudaPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** float32 computes what Transformers computes. The numbers come from make_goldens.py. */
class TransformersParityTest {
  static final List<String> MODELS = Goldens.MODELS;

  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @FieldSource("MODELS")
  void logitsOfThePromptAndOfEveryStepAreThoseOfTransformers(String name) {
    Goldens.Case golden = Goldens.cases(name).get(0);
    int steps = golden.greedy().length;
    Sequence sequence = new Sequence(golden.prompt(), golden.prompt().length + steps + 1);
    Scheduler scheduler = new Scheduler(1024, 4, 512);
    scheduler.add(sequence);
    try (CausalLm model = TestEngines.load(name, Quantization.FLOAT32, scheduler.cacheTokens())) {
      float[][] prefill = Goldens.logits(name, "prefill");
      assertClose(prefill, logits(model, scheduler, prefill.length), name + " prefill");
      float[][] decode = Goldens.logits(name, "decode");
      for (int i = 0; i < steps; i++) {
        sequence.append(golden.greedy()[i]);
        float[][] expected = {decode[i]};
        assertClose(expected, logits(model, scheduler, 1), name + " step " + i);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void greedyTokensOfPromptsInOneBatchAreThoseOfTransformers(String name) {
    List<Goldens.Case> cases = Goldens.cases(name);
    try (Engine engine = TestEngines.start(name, Quantization.FLOAT32)) {
      assertGreedy(cases, engine);
    }
  }

  private static void assertGreedy(List<Goldens.Case> cases, Engine engine) {
    List<CompletableFuture<Completion>> completions = new ArrayList<>();
    for (Goldens.Case golden : cases) {
      completions.add(
          engine.submit(new Request(golden.prompt(), 0, Goldens.greedy(golden.greedy().length))));
    }
    for (int i = 0; i < cases.size(); i++) {
      assertArrayEquals(cases.get(i).greedy(), completions.get(i).join().tokenIds(), "" + i);
    }
  }

  /** The layers that GPUs run, on the CPU: in another layout, with other operators. */
  @ParameterizedTest
  @FieldSource("MODELS")
  void greedyTokensOfTheProgramForGpusAreThoseOfTransformers(String name) {
    assertGreedy(
        name,
        1,
        (config, tensors, cacheTokens) ->
            CudaPrograms.load(config, tensors, Quantization.FLOAT32, cacheTokens));
  }

  /** The tables of flash attention, in steps of prompts and of single tokens and of both. */
  @ParameterizedTest
  @FieldSource("MODELS")
  void greedyTokensOfStepsLaidOutForFlashAttentionAreThoseOfTransformers(String name) {
    assertGreedy(name, 1, CudaPrograms::loadFlashInFloat32);
    assertGreedy(name, 6, CudaPrograms::loadFlashInFloat32);
  }

  private interface Loader {
    CausalLm load(ModelConfig config, Tensors tensors, int cacheTokens);
  }

  private static void assertGreedy(String name, int stepsAhead, Loader loader) {
    ModelConfig config = Goldens.config(name);
    Tensors tensors = SafeTensors.open(Goldens.modelFolder(name));
    EngineLimits limits = TestEngines.limits(name, 2048, 16, 512, true, null, stepsAhead);
    try (Engine engine =
        Engine.start(limits, null, l -> loader.load(config, tensors, l.cacheTokens()))) {
      assertGreedy(Goldens.cases(name), engine);
    }
  }

  private static float[][] logits(CausalLm model, Scheduler scheduler, int rows) {
    try (StepScores scores = model.step(scheduler.plan().pack())) {
      StepScores.SampledRows sampled =
          scores.sample(LongStream.range(0, rows).toArray(), Penalties.NONE);
      float[][] logits = new float[rows][];
      for (int r = 0; r < rows; r++) {
        logits[r] = sampled.all(r).raw();
      }
      return logits;
    }
  }

  private static void assertClose(float[][] expected, float[][] actual, String what) {
    double worst = 0;
    for (int r = 0; r < expected.length; r++) {
      for (int i = 0; i < expected[r].length; i++) {
        worst = Math.max(worst, Math.abs(expected[r][i] - (double) actual[r][i]));
      }
    }
    assertTrue(worst <= TOLERANCE, what + ": logits differ by " + worst);
  }
}
