package io.qwark.jobs.config;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.SamplingOptions;
import java.util.List;

/**
 * How samples are drawn; null leaves a value to the model's generation_config.json. See {@link
 * SamplingOptions}.
 *
 * @param n samples of each prompt
 */
public record SamplingConfig(
    int n,
    Double temperature,
    Double topP,
    Integer topK,
    Double minP,
    Double presencePenalty,
    Double frequencyPenalty,
    Double repetitionPenalty,
    long seed,
    Integer maxTokens,
    List<String> stop,
    List<Integer> stopTokenIds,
    Boolean ignoreEos,
    Integer logprobs,
    Boolean promptLogprobs) {

  static final SamplingConfig DEFAULTS =
      new SamplingConfig(
          1, null, null, null, null, null, null, null, 0, null, null, null, null, null, null);

  public SamplingConfig {
    Ranges.atLeastOne("sampling.n", n);
    // Wrong values are told before a model is loaded; what the model adds is sound by itself.
    new SamplingOptions(
            temperature,
            topP,
            topK,
            minP,
            presencePenalty,
            frequencyPenalty,
            repetitionPenalty,
            seed,
            maxTokens,
            stop,
            stopTokenIds,
            ignoreEos,
            logprobs,
            promptLogprobs)
        .resolve(GenerationDefaults.none(List.of()));
  }

  public SamplingOptions options() {
    return new SamplingOptions(
        temperature,
        topP,
        topK,
        minP,
        presencePenalty,
        frequencyPenalty,
        repetitionPenalty,
        seed,
        maxTokens,
        stop,
        stopTokenIds,
        ignoreEos,
        logprobs,
        promptLogprobs);
  }
}
