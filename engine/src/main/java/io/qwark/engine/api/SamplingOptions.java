package io.qwark.engine.api;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a user says about sampling; {@code null} leaves a value to the model's {@link
 * GenerationDefaults}. Names and meanings follow vLLM's {@code SamplingParams}.
 *
 * @param maxTokens new tokens at the most; {@code null} means as many as the context has room for
 * @param stopTokenIds ends generation in addition to the model's own end-of-sequence tokens
 * @param logprobs {@code null} for none, else the sampled token's and this many likeliest (0-20)
 * @param promptLogprobs whether the prompt's own tokens get log-probabilities
 */
public record SamplingOptions(
    Double temperature,
    Double topP,
    Integer topK,
    Double minP,
    Double presencePenalty,
    Double frequencyPenalty,
    Double repetitionPenalty,
    Long seed,
    Integer maxTokens,
    List<String> stop,
    List<Integer> stopTokenIds,
    Boolean ignoreEos,
    Integer logprobs,
    Boolean promptLogprobs)
    implements Serializable {

  public SamplingOptions {
    stop = stop == null ? null : List.copyOf(stop);
    stopTokenIds = stopTokenIds == null ? null : List.copyOf(stopTokenIds);
  }

  /** Every value left to the model. */
  public static SamplingOptions unset() {
    return builder().build();
  }

  /** A builder that leaves every value to the model. */
  public static SamplingOptionsBuilder builder() {
    return new SamplingOptionsBuilder();
  }

  /**
   * Fills the gaps with the model's defaults.
   *
   * @throws UserException if a value is out of its range
   */
  public SamplingParams resolve(GenerationDefaults defaults) {
    boolean goesOn = ignoreEos != null && ignoreEos;
    List<Integer> ends = stopTokenIds == null ? List.of() : stopTokenIds;
    return new SamplingParams(
        or(temperature, defaults.temperature()),
        or(topP, defaults.topP()),
        Math.max(0, or(topK, defaults.topK())),
        or(minP, defaults.minP()),
        or(presencePenalty, 0.0),
        or(frequencyPenalty, 0.0),
        or(repetitionPenalty, defaults.repetitionPenalty()),
        or(seed, 0L),
        or(maxTokens, Integer.MAX_VALUE),
        or(stop, List.of()),
        goesOn
            ? ends
            : new ArrayList<>(
                Stream.concat(ends.stream(), defaults.eosTokenIds().stream()).distinct().toList()),
        or(logprobs, SamplingParams.NO_LOGPROBS),
        or(promptLogprobs, false));
  }

  private static <T> T or(T value, T otherwise) {
    return value == null ? otherwise : value;
  }
}
