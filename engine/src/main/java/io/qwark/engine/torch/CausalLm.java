package io.qwark.engine.torch;

import ai.djl.Device;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.checkpoint.Weights;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.model.AheadTokens;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A decoder: a {@link TorchModule} with weights and KV cache, on a CPU or a GPU. */
public final class CausalLm implements ForwardModel {
  private final TorchModule module;

  /** Positions that the rotary tables hold. */
  private long positions;

  private final int vocabSize;
  private final boolean rowsIndependent;

  private CausalLm(TorchModule module, int vocabSize, boolean rowsIndependent) {
    this.module = module;
    this.vocabSize = vocabSize;
    this.rowsIndependent = rowsIndependent;
  }

  /** Native kernels compute a row in the same way whatever it comes with. */
  @Override
  public boolean rowsIndependent() {
    return rowsIndependent;
  }

  @Override
  public boolean sharesBeginnings() {
    return rowsIndependent;
  }

  /**
   * Loads the weights. The caller's thread is from then on the only one to use the model.
   *
   * @param weightsCache where converted weights are kept, see {@link
   *     io.qwark.engine.api.EngineOptions}
   * @param cacheTokens tokens that the KV cache holds; its memory is taken as it fills
   * @param threads of the tensor operations
   * @throws io.qwark.engine.api.UserException if the checkpoint does not fit the config
   */
  public static CausalLm load(
      ModelConfig config,
      Tensors tensors,
      Backend backend,
      String weightsCache,
      int cacheTokens,
      int threads) {
    return load(config, tensors, backend, Program.of(backend), weightsCache, cacheTokens, threads);
  }

  static CausalLm load(
      ModelConfig config,
      Tensors tensors,
      Backend backend,
      Program program,
      String weightsCache,
      int cacheTokens,
      int threads) {
    TorchRuntime.version();
    boolean kernels = backend.usesNativeKernels();
    if (kernels) {
      NativeKernels.load();
    }
    // Beside native kernels there is nothing that a second thread would do faster.
    TorchModule module = load(config, backend, program, kernels ? 1 : threads);
    try {
      if (kernels) {
        setNumThreads(module, threads);
      }
      setFrequencies(module, config);
      Weights weights = Weights.of(tensors);
      // Where weights are rounded anyway, as most checkpoints hold it.
      long tableType =
          backend.quantization() == Quantization.FLOAT32 ? Checkpoint.FLOAT32 : Checkpoint.BFLOAT16;
      if (kernels) {
        PackedWeights packed =
            new PackedWeights(module, backend.weightBits(), backend.lmHeadBits());
        new CausalLmLoader(module, config, weights, packed, tableType).load();
        Path cache = WeightsCache.folder(weightsCache);
        if (cache == null) {
          packed.pack();
        } else {
          new WeightsCache(cache).load(tensors, packed);
        }
      } else {
        Linears linears =
            backend.usesAnyLayers()
                ? new DeviceLinears(module, backend)
                : new StockLinears(module, backend.quantization(), CpuFeatures.int8Levels());
        new CausalLmLoader(module, config, weights, linears, tableType).load();
      }
      new KvCaches(module, config).add(backend, cacheTokens);
      return new CausalLm(module, config.vocabSize(), kernels);
    } catch (RuntimeException e) {
      module.close();
      throw e;
    }
  }

  /** Its program; a tensor was made on its device. */
  private static TorchModule load(
      ModelConfig config, Backend backend, Program program, int threads) {
    String device = program.device();
    boolean onCpu = device.equals(Backend.CPU);
    TorchModule module = null;
    try {
      module =
          TorchModule.load(
              CausalLmProgram.CLASS,
              CausalLmProgram.source(program.parts()),
              CausalLmProgram.attributes(config, device, backend.activationType()),
              onCpu ? Device.cpu() : Device.gpu(Cards.index(device)),
              // Beside a GPU there is nothing that a second thread would do faster.
              onCpu ? threads : 1);
      try (TorchModule.Scope scope = module.scope()) {
        scope.callForLong("touch_device");
      }
      return module;
    } catch (TorchException e) {
      if (module != null) {
        module.close();
      }
      if (onCpu) {
        throw e;
      }
      throw new UserException(
          "Cannot place a replica on " + device,
          "libtorch " + TorchRuntime.version() + " does not reach it: " + e.reason(),
          "Use a libtorch that is built for CUDA and a device that nvidia-smi shows, or the CPU",
          e);
    }
  }

  private static void setNumThreads(TorchModule module, int threads) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("set_num_threads", threads);
    }
  }

  static void setFrequencies(TorchModule module, ModelConfig config) {
    try (TorchModule.Scope scope = module.scope()) {
      float[] periods = scope.call("rope_periods").toFloatArray();
      float[] frequencies = config.ropeScaling().frequencies(config.ropeTheta(), periods);
      scope.callForLong("set_inv_freq", scope.floats(frequencies));
    }
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
      extendRope(scope, Arrays.stream(step.positions()).max().orElse(0) + 1);
      List<Object> arguments = new ArrayList<>();
      for (long[] numbers : List.of(step.tokens(), step.positions(), step.slots())) {
        arguments.add(scope.longs(numbers));
      }
      arguments.add(step.spans());
      if (sharesBeginnings()) {
        arguments.add(step.shared());
        arguments.add(scope.longs(step.scored()));
      }
      return new TorchScores(scope, scope.call("forward", arguments.toArray()), step.scored());
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private void extendRope(TorchModule.Scope scope, long needed) {
    if (needed > positions) {
      positions = scope.callForLong("extend_rope", needed);
    }
  }

  @Override
  public boolean decodesAhead() {
    return true;
  }

  @Override
  public List<AheadTokens> decode(List<AheadRow> rows) {
    TorchAhead ahead = new TorchAhead(rows, vocabSize);
    try (TorchModule.Scope scope = module.scope()) {
      extendRope(scope, ahead.positions());
      return ahead.decode(scope);
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
