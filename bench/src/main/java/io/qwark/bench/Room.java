package io.qwark.bench;

import io.qwark.engine.api.EngineOptions;
import java.util.List;

/**
 * The engine's limits for a job: none of its requests has to wait for room or give way, except that
 * prompts which only give one token take turns.
 */
record Room(int maxModelLen, int maxNumSeqs, int maxNumBatchedTokens, int kvCacheTokens) {
  /** The cache is handed out in pieces of so many tokens. */
  private static final int GRANULE = 64;

  /** Room for the prompt that goes before the counted ones, with its token. */
  private static final int GATE_TOKENS = 512;

  /** Enough for a dozen prompts of the longest list at a time. */
  private static final int MOST_FOR_PROMPTS = 16_384;

  static Room of(Job job) {
    int longest = job.requests().stream().mapToInt(TimedRequest::length).max().orElseThrow();
    int tokens = job.requests().stream().mapToInt(r -> r.length() + 2 * GRANULE).sum();
    if (job.kind() == Job.Kind.PREFILL) {
      tokens = Math.min(tokens, MOST_FOR_PROMPTS);
    }
    int sequences = job.requests().size() + 2;
    int batched = EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS;
    if (job.kind() == Job.Kind.DECODE) {
      // All prompts in one step, so that all samples then go on together.
      batched = Math.max(batched, job.promptTokens() + sequences);
    }
    return new Room(Math.max(longest, GATE_TOKENS), sequences, batched, tokens + GATE_TOKENS);
  }

  List<String> options() {
    return List.of(
        "--max-model-len",
        Integer.toString(maxModelLen),
        "--max-num-seqs",
        Integer.toString(maxNumSeqs),
        "--max-num-batched-tokens",
        Integer.toString(maxNumBatchedTokens),
        "--kv-cache-tokens",
        Integer.toString(kvCacheTokens));
  }
}
