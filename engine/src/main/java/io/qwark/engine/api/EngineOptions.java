package io.qwark.engine.api;

import java.io.Serializable;
import java.util.Objects;

/**
 * What a replica is made of and how much it may hold. Names follow vLLM's engine arguments.
 *
 * @param model path of a Hugging Face model folder
 * @param chatTemplate name of a chat template, or null to recognise the model's own
 * @param enableThinking for hybrid models: whether they reason; null is the model's default (yes)
 * @param quantization how weights are held
 * @param maxModelLen longest prompt plus output in tokens, or null for the model's own
 * @param maxNumSeqs most samples that are worked on at a time
 * @param maxNumBatchedTokens most tokens of one step, prompts and new tokens together; at least
 *     {@code maxNumSeqs}
 * @param kvCacheTokens tokens that the KV cache holds over all samples, or null to size it from the
 *     memory that is there
 * @param threads of the CPU's tensor operations, or null for the processors there are (one for a
 *     tiny model)
 */
public record EngineOptions(
    String model,
    String chatTemplate,
    Boolean enableThinking,
    Quantization quantization,
    Integer maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    Long kvCacheTokens,
    Integer threads)
    implements Serializable {

  public static final int DEFAULT_MAX_NUM_SEQS = 64;
  public static final int DEFAULT_MAX_NUM_BATCHED_TOKENS = 2048;

  public EngineOptions {
    Objects.requireNonNull(model);
    Objects.requireNonNull(quantization);
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
    if (threads != null) {
      atLeastOne("threads", threads);
    }
  }

  /** The defaults for a model folder. */
  public static EngineOptions of(String model, Quantization quantization) {
    return new EngineOptions(
        model,
        null,
        null,
        quantization,
        null,
        DEFAULT_MAX_NUM_SEQS,
        DEFAULT_MAX_NUM_BATCHED_TOKENS,
        null,
        null);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new UserException(
          "Cannot start an engine with " + name + " = " + value,
          name + " must be at least 1",
          "Correct `" + name + "`");
    }
  }
}
