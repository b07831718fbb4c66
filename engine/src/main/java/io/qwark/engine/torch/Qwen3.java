package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Weights;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import java.util.Arrays;

/** A Qwen3 model on the CPU: a {@link TorchModule} with weights and KV cache. */
public final class Qwen3 implements ForwardModel {
  private final TorchModule module;

  /** Positions that the rotary tables hold. */
  private long positions;

  private Qwen3(TorchModule module) {
    this.module = module;
  }

  /**
   * Loads the weights. The caller's thread is from then on the only one to use the model.
   *
   * @param cacheTokens tokens that the KV cache holds; its memory is taken as it fills
   * @param threads of the tensor operations
   * @throws io.qwark.engine.api.UserException if the checkpoint does not fit the config
   */
  public static Qwen3 load(
      ModelConfig config,
      SafeTensors tensors,
      Quantization quantization,
      int cacheTokens,
      int threads) {
    TorchModule module =
        TorchModule.load(
            Qwen3Program.CLASS,
            Qwen3Program.source(quantization),
            Qwen3Program.attributes(config),
            threads);
    try {
      int levels = CpuFeatures.exactInt8() ? 127 : 63;
      new Qwen3Loader(module, config, Weights.of(tensors), levels).load();
      try (TorchModule.Scope scope = module.scope()) {
        int heads = config.numKeyValueHeads();
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
          scope.callForLong(
              "add_cache",
              module.empty(heads, cacheTokens, config.headDim()),
              module.empty(heads, cacheTokens, config.headDim()));
        }
      }
      return new Qwen3(module);
    } catch (RuntimeException e) {
      module.close();
      throw e;
    }
  }

  /** Bytes of one token in the KV cache, which is float32. */
  public static long cacheBytesPerToken(ModelConfig config) {
    return 2L
        * Float.BYTES
        * config.numHiddenLayers()
        * config.numKeyValueHeads()
        * config.headDim();
  }

  @Override
  public void move(CacheMove move) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("move_cache", move.source(), move.target(), move.count());
    }
  }

  @Override
  public StepScores step(PackedStep step) {
    TorchModule.Scope scope = module.scope();
    try {
      long needed = Arrays.stream(step.positions()).max().orElse(0) + 1;
      if (needed > positions) {
        positions = scope.callForLong("extend_rope", needed);
      }
      PtNDArray hidden =
          scope.call(
              "forward",
              scope.longs(step.tokens()),
              scope.longs(step.positions()),
              scope.longs(step.slots()),
              step.spans());
      return new TorchScores(scope, hidden);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
