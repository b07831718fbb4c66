package io.qwark.engine.api;

import java.io.Serializable;

/**
 * Guessing tokens ahead by prompt lookup: where the last tokens occurred before in the prompt or
 * the output, what followed them is tried. Tokens that a sample gets stay exactly the same; only
 * their number per step changes. Nothing is guessed for samples with penalties, whose scores depend
 * on the tokens before in a way of their own. Names follow vLLM's speculative config.
 *
 * @param numSpeculativeTokens most tokens guessed at a time
 * @param promptLookupMax longest run of last tokens that is looked up
 * @param promptLookupMin shortest one
 * @param disableByBatchSize number of running samples above which nothing is guessed, since wrong
 *     guesses then cost more than right ones gain
 */
public record Speculative(
    int numSpeculativeTokens, int promptLookupMax, int promptLookupMin, int disableByBatchSize)
    implements Serializable {
  public static final Speculative DEFAULTS = new Speculative(4, 4, 2, 8);

  public Speculative {
    EngineOptions.atLeastOne("num_speculative_tokens", numSpeculativeTokens);
    EngineOptions.atLeastOne("prompt_lookup_min", promptLookupMin);
    EngineOptions.atLeastOne("disable_by_batch_size", disableByBatchSize);
    if (promptLookupMax < promptLookupMin) {
      throw new UserException(
          "Cannot start an engine with prompt_lookup_max = " + promptLookupMax,
          "prompt_lookup_min is " + promptLookupMin,
          "Raise `prompt_lookup_max` or lower `prompt_lookup_min`");
    }
  }
}
