package io.qwark.engine;

import io.qwark.engine.api.Speculative;

/**
 * What an engine can take, and how it saves work.
 *
 * @param vocabSize token ids are below this
 * @param contextLength longest prompt plus output that was asked for, in tokens
 * @param cacheTokens tokens that the KV cache holds
 * @param enablePrefixCaching whether prompts that begin alike share the work on their beginning
 * @param speculative how tokens are guessed ahead, or null
 * @param decodeStepsAhead most tokens of a sequence that are decoded in one call
 */
record EngineLimits(
    int vocabSize,
    int contextLength,
    int cacheTokens,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    boolean enablePrefixCaching,
    Speculative speculative,
    int decodeStepsAhead) {

  /** Longest prompt plus output, in tokens. */
  int maxModelLen() {
    return Math.min(contextLength, cacheTokens);
  }
}
