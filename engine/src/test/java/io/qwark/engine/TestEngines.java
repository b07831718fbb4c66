package io.qwark.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.torch.Backend;
import io.qwark.engine.torch.CausalLm;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Engines over the models of {@link Goldens}, on one thread, since they are tiny. */
final class TestEngines {
  private TestEngines() {}

  /** What would be chosen on this machine. */
  static Backend backend(String model, Quantization quantization) {
    return Backend.choose(quantization, Kernels.AUTO, KvCacheDtype.AUTO, Goldens.config(model));
  }

  static Engine start(String model, Quantization quantization) {
    return start(model, backend(model, quantization), 16384, 64, 2048);
  }

  static Engine start(
      String model, Quantization quantization, int cacheTokens, int maxNumSeqs, int batched) {
    return start(model, backend(model, quantization), cacheTokens, maxNumSeqs, batched);
  }

  /** Native kernels, or a skipped test where this machine or this build has none. */
  static Backend backend(String model, Quantization quantization, Kernels kernels) {
    ModelConfig config = Goldens.config(model);
    String obstacle = Backend.obstacle(quantization, config);
    assumeTrue(kernels != Kernels.NATIVE || obstacle == null, "no native kernels: " + obstacle);
    return Backend.choose(quantization, kernels, KvCacheDtype.AUTO, config);
  }

  /** The same with another type of KV cache. */
  static Backend with(Backend backend, KvCacheDtype dtype) {
    return dtype == KvCacheDtype.AUTO
        ? backend
        : new Backend(
            backend.quantization(), backend.lmHead(), backend.kernels(), dtype, Backend.CPU);
  }

  static Engine start(String model, Backend backend, int cacheTokens, int maxNumSeqs, int batched) {
    return start(model, backend, limits(model, cacheTokens, maxNumSeqs, batched, true, null));
  }

  static Engine start(String model, Backend backend, EngineLimits limits) {
    return start(model, backend, limits, loaded -> loaded);
  }

  /**
   * @param wrapper of each model that is loaded
   */
  static Engine start(
      String model, Backend backend, EngineLimits limits, UnaryOperator<ForwardModel> wrapper) {
    return Engine.start(limits, null, l -> wrapper.apply(load(model, backend, l.cacheTokens())));
  }

  static EngineLimits limits(
      String model,
      int cacheTokens,
      int maxNumSeqs,
      int batched,
      boolean enablePrefixCaching,
      Speculative speculative) {
    return limits(model, cacheTokens, maxNumSeqs, batched, enablePrefixCaching, speculative, 1);
  }

  static EngineLimits limits(
      String model,
      int cacheTokens,
      int maxNumSeqs,
      int batched,
      boolean enablePrefixCaching,
      Speculative speculative,
      int stepsAhead) {
    ModelConfig config = Goldens.config(model);
    return new EngineLimits(
        config.vocabSize(),
        config.maxPositionEmbeddings(),
        cacheTokens,
        maxNumSeqs,
        batched,
        enablePrefixCaching,
        speculative,
        stepsAhead);
  }

  static CausalLm load(String model, Quantization quantization, int cacheTokens) {
    return load(model, backend(model, quantization), cacheTokens);
  }

  static CausalLm load(String model, Backend backend, int cacheTokens) {
    return CausalLm.load(
        Goldens.config(model),
        SafeTensors.open(Goldens.modelFolder(model)),
        backend,
        EngineOptions.NO_WEIGHTS_CACHE,
        cacheTokens,
        1);
  }

  /** Raw scores of all tokens of a prompt that a scheduler plans as one step, (prompt, V). */
  static float[][] logits(CausalLm model, Scheduler scheduler, int promptLength) {
    try (StepScores scores = model.step(scheduler.plan().pack())) {
      StepScores.SampledRows rows =
          scores.sample(LongStream.range(0, promptLength).toArray(), Penalties.NONE);
      float[][] logits = new float[promptLength][];
      for (int r = 0; r < logits.length; r++) {
        logits[r] = rows.all(r).raw();
      }
      return logits;
    }
  }
}
