package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.schedule.PackedStep;
import java.util.stream.LongStream;

/** Makes the memory for keys and values of a program that has its weights. */
final class KvCaches {
  /** Tokens that keys are looked at of: a multiple of {@link PackedStep#SLOT_ALIGNMENT}. */
  private static final int PROBES = 128;

  private final TorchModule module;
  private final ModelConfig config;

  KvCaches(TorchModule module, ModelConfig config) {
    this.module = module;
    this.config = config;
  }

  /**
   * @param tokens that they hold; on a CPU the memory is taken as it fills
   */
  void add(Backend backend, int tokens) {
    if (backend.kvCacheDtype() == KvCacheDtype.INT8) {
      balanceKeys();
    }
    long group = PackedStep.SLOT_ALIGNMENT;
    long slots = (tokens + group - 1) / group * group;
    try (TorchModule.Scope scope = module.scope()) {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        if (backend.usesAnyLayers()) {
          scope.callForLong("add_empty_cache", slots);
        } else {
          addBytes(scope, backend, slots);
        }
      }
    }
  }

  private void addBytes(TorchModule.Scope scope, Backend backend, long slots) {
    PtNDArray keys = module.emptyBytes(numbers(slots) * backend.cacheBytes());
    PtNDArray values = module.emptyBytes(numbers(slots) * backend.cacheBytes());
    if (backend.usesNativeKernels()) {
      scope.callForLong("huge_pages", keys);
      scope.callForLong("huge_pages", values);
    }
    scope.callForLong("add_cache", keys, values, backend.cacheType(), slots);
  }

  /**
   * Always with the same tokens, spread over the vocabulary, so that a model has the same balance
   * wherever it is loaded.
   */
  private void balanceKeys() {
    try (TorchModule.Scope scope = module.scope()) {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        long bytes = numbers(PROBES) * Float.BYTES;
        scope.callForLong(
            "add_cache",
            scope.emptyBytes(bytes),
            scope.emptyBytes(bytes),
            Checkpoint.FLOAT32,
            (long) PROBES);
      }
      scope.callForLong("extend_rope", (long) PROBES);
      long[] tokens =
          LongStream.rangeClosed(1, PROBES)
              .map(i -> (i * 0x9E3779B97F4A7C15L >>> 1) % config.vocabSize())
              .toArray();
      scope.callForLong(
          "balance_keys",
          scope.longs(tokens),
          scope.longs(LongStream.range(0, PROBES).toArray()),
          new long[] {0, PROBES, 0, PROBES});
      scope.callForLong("remove_caches");
    }
  }

  /** Of the keys of a layer. */
  private long numbers(long slots) {
    return config.numKeyValueHeads() * slots * config.headDim();
  }
}
