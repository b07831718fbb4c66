package io.qwark.engine.api;

import java.io.Serializable;
import java.util.Objects;

/**
 * What a replica is made of and how much it may hold. Names follow vLLM's engine arguments.
 *
 * @param model path of a Hugging Face model folder or GGUF file
 * @param lora path of a folder with a LoRA adapter that is merged into the model, or null for none
 * @param chatTemplate name of a chat template, or null to recognise the model's own
 * @param enableThinking for hybrid models: whether they reason; null is the model's default (yes)
 * @param quantization how weights are held
 * @param lmHeadQuantization how the output layer is held
 * @param maxModelLen longest prompt plus output in tokens, or null for the model's own
 * @param maxNumSeqs most samples that are worked on at a time
 * @param maxNumBatchedTokens most tokens of one step, prompts and new tokens together; at least
 *     {@code maxNumSeqs}
 * @param kvCacheTokens tokens that the KV cache holds over all samples, or null to size it from the
 *     memory that is there
 * @param gpuMemoryUtilization part of a GPU's memory that a replica may take: its weights, what a
 *     step needs, and the KV cache; without meaning on the CPU
 * @param kvCacheDtype how keys and values are held
 * @param threads of the CPU's tensor operations, or null for the processors of the {@link
 *     Placement} (one for a tiny model)
 * @param kernels which operators the model's program is made of
 * @param weightsCache folder for converted weights, {@link #NO_WEIGHTS_CACHE}, or null for the
 *     user's cache folder
 * @param enablePrefixCaching whether prompts that begin alike share the work on their beginning
 * @param speculative how tokens are guessed ahead, or null not to
 * @param decodeStepsAhead most tokens of a sample that are decoded in one call of the model, so
 *     that what is done between calls does not hold it back; null is {@link
 *     #DEFAULT_STEPS_AHEAD_ON_CUDA} on a GPU, and 1 on the CPU
 * @param stepTimeoutSeconds after which a step whose thread uses no processor counts as stalled, so
 *     that the model is loaded anew and its requests go on there; one that works has that time once
 *     more for each 256 tokens
 */
public record EngineOptions(
    String model,
    String lora,
    String chatTemplate,
    Boolean enableThinking,
    Quantization quantization,
    LmHeadQuantization lmHeadQuantization,
    Integer maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    Long kvCacheTokens,
    double gpuMemoryUtilization,
    KvCacheDtype kvCacheDtype,
    Integer threads,
    Kernels kernels,
    String weightsCache,
    boolean enablePrefixCaching,
    Speculative speculative,
    Integer decodeStepsAhead,
    int stepTimeoutSeconds)
    implements Serializable {

  public static final int DEFAULT_MAX_NUM_SEQS = 64;
  public static final int DEFAULT_MAX_NUM_BATCHED_TOKENS = 2048;
  public static final int DEFAULT_STEPS_AHEAD_ON_CUDA = 16;
  public static final double DEFAULT_GPU_MEMORY_UTILIZATION = 0.9;
  public static final int DEFAULT_STEP_TIMEOUT_SECONDS = 600;

  /** A {@code weightsCache} that keeps nothing. */
  public static final String NO_WEIGHTS_CACHE = "off";

  public EngineOptions {
    Objects.requireNonNull(model);
    Objects.requireNonNull(quantization);
    Objects.requireNonNull(lmHeadQuantization);
    Objects.requireNonNull(kvCacheDtype);
    Objects.requireNonNull(kernels);
    lmHeadQuantization.checkBeside(quantization);
    atLeastOne("max_num_seqs", maxNumSeqs);
    atLeastOne("max_num_batched_tokens", maxNumBatchedTokens);
    if (maxNumBatchedTokens < maxNumSeqs) {
      throw new UserException(
          "Cannot start an engine with max_num_batched_tokens = " + maxNumBatchedTokens,
          "a step takes a token of each sample, and max_num_seqs is " + maxNumSeqs,
          "Raise `max_num_batched_tokens` or lower `max_num_seqs`");
    }
    if (maxModelLen != null) {
      atLeastOne("max_model_len", maxModelLen);
    }
    if (kvCacheTokens != null) {
      atLeastOne("kv_cache_tokens", kvCacheTokens);
    }
    if (!(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= 1)) {
      throw new UserException(
          "Cannot start an engine with gpu_memory_utilization = " + gpuMemoryUtilization,
          "it is a part of the GPU's memory, above 0 and at most 1",
          "Correct `gpu_memory_utilization`");
    }
    if (threads != null) {
      atLeastOne("threads", threads);
    }
    if (decodeStepsAhead != null) {
      atLeastOne("decode_steps_ahead", decodeStepsAhead);
    }
    atLeastOne("step_timeout", stepTimeoutSeconds);
  }

  /** The defaults for a model. */
  public static EngineOptions of(String model, Quantization quantization) {
    return builder(model, quantization).build();
  }

  /** A builder that holds the defaults. */
  public static EngineOptionsBuilder builder(String model, Quantization quantization) {
    return new EngineOptionsBuilder(model, quantization);
  }

  /** The same for another model. */
  public EngineOptions withModel(String model) {
    return new EngineOptions(
        model,
        lora,
        chatTemplate,
        enableThinking,
        quantization,
        lmHeadQuantization,
        maxModelLen,
        maxNumSeqs,
        maxNumBatchedTokens,
        kvCacheTokens,
        gpuMemoryUtilization,
        kvCacheDtype,
        threads,
        kernels,
        weightsCache,
        enablePrefixCaching,
        speculative,
        decodeStepsAhead,
        stepTimeoutSeconds);
  }

  static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new UserException(
          "Cannot start an engine with " + name + " = " + value,
          name + " must be at least 1",
          "Correct `" + name + "`");
    }
  }
}
