package io.qwark.engine;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.torch.Qwen3;

/** Engines over the models of {@link Goldens}, on one thread, since they are tiny. */
final class TestEngines {
  private TestEngines() {}

  static Engine start(String model, Quantization quantization) {
    return start(model, quantization, 16384, 64, 2048);
  }

  static Engine start(
      String model, Quantization quantization, int cacheTokens, int maxNumSeqs, int batched) {
    ModelConfig config = Goldens.config(model);
    EngineLimits limits =
        new EngineLimits(
            config.vocabSize(), config.maxPositionEmbeddings(), cacheTokens, maxNumSeqs, batched);
    return Engine.start(limits, null, l -> load(model, quantization, l.cacheTokens()));
  }

  static Qwen3 load(String model, Quantization quantization, int cacheTokens) {
    return Qwen3.load(
        Goldens.config(model),
        SafeTensors.open(Goldens.modelFolder(model)),
        quantization,
        cacheTokens,
        1);
  }
}
