package io.qwark.engine;

/**
 * What an engine can take.
 *
 * @param vocabSize token ids are below this
 * @param contextLength longest prompt plus output that was asked for, in tokens
 * @param cacheTokens tokens that the KV cache holds
 */
record EngineLimits(
    int vocabSize, int contextLength, int cacheTokens, int maxNumSeqs, int maxNumBatchedTokens) {

  /** Longest prompt plus output, in tokens. */
  int maxModelLen() {
    return Math.min(contextLength, cacheTokens);
  }
}
