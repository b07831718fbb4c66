package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.CausalLm;
import io.qwark.engine.torch.CudaPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * bfloat16, in the program for CPUs and in that for GPUs, is as good as that of Transformers. The
 * numbers come from make_goldens.py and bfloat16_goldens.py.
 */
class Bfloat16ParityTest {
  /** Logits of the best tokens are between 8 and 16, where bfloat16 has steps of 1/16. */
  private static final double NEARLY = 4.0 / 16;

  /** 32 after each of 32 prompts. */
  private static final int TOKENS = 32 * 32;

  static Stream<Arguments> programs() {
    return Goldens.MODELS.stream()
        .flatMap(m -> Stream.of(Arguments.of(m, "cpu"), Arguments.of(m, "cuda")));
  }

  /** Of logits in float32. */
  @ParameterizedTest
  @MethodSource("programs")
  void logitsAreNoFurtherFromFloat32ThanThoseOfTransformers(String name, String device) {
    float[][] exact = Goldens.logits(name, "prefill");
    double theirs = error(exact, Goldens.bfloat16Logits(name));
    double ours = error(exact, prefill(name, device));
    assertTrue(ours < 1.1 * theirs, "off by " + ours + ", and Transformers by " + theirs);
  }

  @ParameterizedTest
  @MethodSource("programs")
  void greedyTokensAreThoseOfTransformersButWhereTwoAreNearlyAlike(String name, String device) {
    List<Goldens.Case> cases = Goldens.cases(name);
    List<Goldens.Bfloat16> expected = Goldens.bfloat16(name);
    EngineLimits limits = TestEngines.limits(name, 2048, 16, 512, true, null);
    int same = 0;
    try (Engine engine = Engine.start(limits, null, l -> load(name, device, l.cacheTokens()))) {
      List<CompletableFuture<Completion>> completions = new ArrayList<>();
      for (Goldens.Case golden : cases) {
        completions.add(
            engine.submit(new Request(golden.prompt(), 0, Goldens.greedy(golden.greedy().length))));
      }
      for (int i = 0; i < cases.size(); i++) {
        int[] tokens = completions.get(i).join().tokenIds();
        int at = 0;
        while (at < tokens.length && tokens[at] == expected.get(i).greedy()[at]) {
          at++;
        }
        same += at;
        if (at < tokens.length) {
          double lead = expected.get(i).leads()[at];
          assertTrue(lead <= NEARLY, "prompt " + i + " differs at " + at + ", led by " + lead);
        }
      }
    }
    assertTrue(same >= TOKENS / 2, same + " tokens are the same");
  }

  private static CausalLm load(String name, String device, int cacheTokens) {
    if (device.equals("cpu")) {
      return TestEngines.load(name, Quantization.BFLOAT16, cacheTokens);
    }
    ModelConfig config = Goldens.config(name);
    Tensors tensors = SafeTensors.open(Goldens.modelFolder(name));
    return CudaPrograms.load(config, tensors, Quantization.BFLOAT16, cacheTokens);
  }

  private static float[][] prefill(String name, String device) {
    int[] prompt = Goldens.cases(name).get(0).prompt();
    Scheduler scheduler = new Scheduler(1024, 4, 512);
    scheduler.add(new Sequence(prompt, prompt.length + 1));
    try (CausalLm model = load(name, device, scheduler.cacheTokens())) {
      return TestEngines.logits(model, scheduler, prompt.length);
    }
  }

  /** Relative, of all numbers together. */
  private static double error(float[][] exact, float[][] rounded) {
    assertEquals(exact.length, rounded.length);
    double error = 0;
    double size = 0;
    for (int r = 0; r < exact.length; r++) {
      for (int i = 0; i < exact[r].length; i++) {
        error += Math.pow(exact[r][i] - (double) rounded[r][i], 2);
        size += Math.pow(exact[r][i], 2);
      }
    }
    return Math.sqrt(error / size);
  }
}
