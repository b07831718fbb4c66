package io.qwark.jobs.config;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.api.UserException;

/**
 * The model and what a replica of it may use; see {@link EngineOptions}.
 *
 * @param path of a model that every executor can read or fetch; see {@link ModelNames}
 * @param lora path of a LoRA adapter's folder that every executor can read, or null for none
 * @param quantization auto, float32, bfloat16, int8, fp8 or int4
 * @param lmHeadQuantization auto, int8 or int4
 * @param kvCacheDtype auto, float32, bfloat16 or int8
 * @param kernels auto, stock or native
 * @param weightsCache off, a folder of each executor, or null for its user's cache folder
 * @param speculative null, or what to guess tokens with; keys left out keep the defaults
 * @param decodeStepsAhead null for the default of the device
 * @param stepTimeout in seconds
 */
public record ModelConfig(
    String path,
    String lora,
    String quantization,
    String lmHeadQuantization,
    String chatTemplate,
    Boolean enableThinking,
    Integer maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    Long kvCacheTokens,
    double gpuMemoryUtilization,
    String kvCacheDtype,
    Integer threads,
    String kernels,
    String weightsCache,
    boolean enablePrefixCaching,
    Speculative speculative,
    Integer decodeStepsAhead,
    int stepTimeout) {

  static final ModelConfig DEFAULTS =
      new ModelConfig(
          null,
          null,
          Quantization.AUTO.wireName(),
          LmHeadQuantization.AUTO.wireName(),
          null,
          null,
          null,
          EngineOptions.DEFAULT_MAX_NUM_SEQS,
          EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS,
          null,
          EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION,
          KvCacheDtype.AUTO.wireName(),
          null,
          Kernels.AUTO.wireName(),
          null,
          true,
          null,
          null,
          EngineOptions.DEFAULT_STEP_TIMEOUT_SECONDS);

  /**
   * @throws UserException if there is no model or a value is out of its range
   */
  public EngineOptions engineOptions() {
    if (path == null) {
      throw new UserException(
          "Cannot start without a model",
          "`model.path` is not set",
          "Set it in the configuration or give --model PATH_OR_ID");
    }
    return EngineOptions.builder(ModelNames.whole(path), Quantization.of(quantization))
        .lmHeadQuantization(LmHeadQuantization.of(lmHeadQuantization))
        .lora(lora == null ? null : LocalPaths.absolute(lora))
        .chatTemplate(chatTemplate)
        .enableThinking(enableThinking)
        .maxModelLen(maxModelLen)
        .maxNumSeqs(maxNumSeqs)
        .maxNumBatchedTokens(maxNumBatchedTokens)
        .kvCacheTokens(kvCacheTokens)
        .gpuMemoryUtilization(gpuMemoryUtilization)
        .kvCacheDtype(KvCacheDtype.of(kvCacheDtype))
        .threads(threads)
        .kernels(Kernels.of(kernels))
        .weightsCache(weightsFolder())
        .enablePrefixCaching(enablePrefixCaching)
        .speculative(speculative)
        .decodeStepsAhead(decodeStepsAhead)
        .stepTimeoutSeconds(stepTimeout)
        .build();
  }

  private String weightsFolder() {
    return weightsCache == null || weightsCache.equals(EngineOptions.NO_WEIGHTS_CACHE)
        ? weightsCache
        : LocalPaths.absolute(weightsCache);
  }
}
