package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.QuantizedGoldens;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.Backend;
import io.qwark.engine.torch.CausalLm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Models out of quantized folders, and with adapters, compute in float32 what Transformers computes
 * with the same weights dequantized or merged: see {@link QuantizedGoldens}.
 */
class QuantizedParityTest {
  static final List<String> MODELS = QuantizedGoldens.MODELS;
  static final List<String> ADAPTERS = QuantizedGoldens.ADAPTERS;

  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @FieldSource("MODELS")
  void logitsAreThoseOfTheDequantizedWeights(String name) {
    assertClose(
        QuantizedGoldens.logits(name),
        logits(
            Models.open(QuantizedGoldens.folder(name)),
            Quantization.FLOAT32,
            QuantizedGoldens.prompt(name)));
  }

  /** 8-bit weights that are taken as they are, and those that are rounded, stay close. */
  @ParameterizedTest
  @FieldSource("MODELS")
  void logitsInInt8AreClose(String name) {
    float[][] expected = QuantizedGoldens.logits(name);
    float[][] actual =
        logits(
            Models.open(QuantizedGoldens.folder(name)),
            Quantization.INT8,
            QuantizedGoldens.prompt(name));
    double error = 0;
    double size = 0;
    for (int r = 0; r < expected.length; r++) {
      for (int i = 0; i < expected[r].length; i++) {
        error += Math.pow(expected[r][i] - actual[r][i], 2);
        size += Math.pow(expected[r][i], 2);
      }
    }
    // A scale or a panel that is misplaced gives 1 and more.
    assertTrue(Math.sqrt(error / size) < 0.05, name + ": " + Math.sqrt(error / size));
  }

  @ParameterizedTest
  @FieldSource("ADAPTERS")
  void logitsWithAnAdapterAreThoseOfTheMergedWeights(String name) {
    EngineOptions options =
        EngineOptions.builder(
                QuantizedGoldens.folder(QuantizedGoldens.PLAIN).toString(), Quantization.FLOAT32)
            .lora(QuantizedGoldens.folder(name).toString())
            .build();
    assertClose(
        QuantizedGoldens.logits(name),
        logits(
            Models.open(options),
            Quantization.FLOAT32,
            QuantizedGoldens.prompt(QuantizedGoldens.PLAIN)));
  }

  private static float[][] logits(ModelFiles files, Quantization quantization, int[] prompt) {
    Scheduler scheduler = new Scheduler(64, 1, 64);
    scheduler.add(new Sequence(prompt, prompt.length + 1));
    Backend backend = Backend.choose(quantization, Kernels.AUTO, KvCacheDtype.AUTO, files.config());
    try (CausalLm model =
        CausalLm.load(
            files.config(), files.tensors(), backend, EngineOptions.NO_WEIGHTS_CACHE, 64, 1)) {
      return TestEngines.logits(model, scheduler, prompt.length);
    }
  }

  private static void assertClose(float[][] expected, float[][] actual) {
    assertEquals(expected.length, actual.length);
    double worst = 0;
    for (int r = 0; r < expected.length; r++) {
      for (int i = 0; i < expected[r].length; i++) {
        worst = Math.max(worst, Math.abs(expected[r][i] - (double) actual[r][i]));
      }
    }
    assertTrue(worst <= TOLERANCE, "logits differ by " + worst);
  }
}
