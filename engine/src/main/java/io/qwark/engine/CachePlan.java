package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides how many tokens a replica's KV cache holds. */
final class CachePlan {
  private static final Logger LOG = LoggerFactory.getLogger(CachePlan.class);

  private CachePlan() {}

  /**
   * What an engine may be asked for.
   *
   * @param bytesPerToken of keys and values of all layers
   * @param stepsAhead most tokens of a sequence that are decoded in one call
   */
  static EngineLimits limits(
      EngineOptions options,
      ModelConfig config,
      MemoryPlan memory,
      long bytesPerToken,
      int stepsAhead) {
    int context = contextLength(options, config);
    int tokens = cacheTokens(options, context, bytesPerToken, memory);
    if (tokens < context) {
      LOG.warn(
          "The KV cache holds {} tokens, fewer than the model's context of {}: prompt and output"
              + " together are limited to that. Set max_model_len to what is needed, or {}.",
          tokens,
          context,
          memory.remedy());
    }
    return new EngineLimits(
        config.vocabSize(),
        context,
        tokens,
        options.maxNumSeqs(),
        options.maxNumBatchedTokens(),
        options.enablePrefixCaching(),
        options.speculative(),
        stepsAhead);
  }

  /** Longest prompt plus output that is asked for, in tokens. */
  static int contextLength(EngineOptions options, ModelConfig config) {
    int trained = config.maxPositionEmbeddings();
    if (options.maxModelLen() == null) {
      return trained;
    }
    if (options.maxModelLen() > trained) {
      throw new UserException(
          "Cannot give the model a context of " + options.maxModelLen() + " tokens",
          "its max_position_embeddings is " + trained,
          "Lower `max_model_len`");
    }
    return options.maxModelLen();
  }

  /**
   * What the user says, or else what the free memory allows, but no more than all samples could
   * use.
   *
   * @param bytesPerToken of keys and values of all layers
   */
  static int cacheTokens(
      EngineOptions options, int contextLength, long bytesPerToken, MemoryPlan memory) {
    long useful = (long) options.maxNumSeqs() * contextLength;
    long most = Math.min(Integer.MAX_VALUE - 1, useful);
    if (options.kvCacheTokens() != null) {
      return (int) Math.min(most, options.kvCacheTokens());
    }
    long affordable = memory.cacheBytes() / bytesPerToken;
    int tokens = (int) Math.min(most, affordable);
    if (options.maxModelLen() != null && tokens < options.maxModelLen()) {
      throw new UserException(
          "Cannot give the model a context of " + options.maxModelLen() + " tokens",
          "its KV cache takes "
              + bytesPerToken
              + " bytes a token, and the free memory allows "
              + tokens
              + " tokens",
          "Lower `max_model_len`, set `kv_cache_tokens`, or " + memory.remedy());
    }
    return Math.max(1, tokens);
  }
}
