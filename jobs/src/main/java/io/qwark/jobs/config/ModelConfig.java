package io.qwark.jobs.config;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;

/**
 * The model and what a replica of it may use; see {@link EngineOptions}.
 *
 * @param path of a Hugging Face model folder that every executor can read
 * @param quantization float32 or int8
 */
public record ModelConfig(
    String path,
    String quantization,
    String chatTemplate,
    Boolean enableThinking,
    Integer maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    Long kvCacheTokens,
    Integer threads) {

  static final ModelConfig DEFAULTS =
      new ModelConfig(
          null,
          Quantization.FLOAT32.wireName(),
          null,
          null,
          null,
          EngineOptions.DEFAULT_MAX_NUM_SEQS,
          EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS,
          null,
          null);

  /**
   * @throws UserException if there is no model or a value is out of its range
   */
  public EngineOptions engineOptions() {
    if (path == null) {
      throw new UserException(
          "Cannot start without a model",
          "`model.path` is not set",
          "Set it in the configuration or give --model FOLDER");
    }
    return EngineOptions.builder(LocalPaths.absolute(path), Quantization.of(quantization))
        .chatTemplate(chatTemplate)
        .enableThinking(enableThinking)
        .maxModelLen(maxModelLen)
        .maxNumSeqs(maxNumSeqs)
        .maxNumBatchedTokens(maxNumBatchedTokens)
        .kvCacheTokens(kvCacheTokens)
        .threads(threads)
        .build();
  }
}
