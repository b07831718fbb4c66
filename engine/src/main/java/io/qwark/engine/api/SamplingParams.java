package io.qwark.engine.api;

import java.util.List;

/**
 * How the tokens of one sample are chosen, every value decided. Build it with {@link
 * SamplingOptions#resolve}.
 *
 * @param temperature at least 0; 0 is greedy decoding
 * @param topP (0, 1]; 1 keeps all
 * @param topK 0 keeps all
 * @param minP [0, 1], relative to the likeliest token
 * @param presencePenalty [-2, 2], once for every distinct generated token
 * @param frequencyPenalty [-2, 2], for every occurrence of a generated token
 * @param repetitionPenalty above 0, on tokens of prompt and output; 1 is none
 * @param maxTokens at least 1
 * @param stop strings that end the text, which is cut before them
 * @param stopTokenIds tokens that end the sample; not part of its text
 * @param logprobs {@link #NO_LOGPROBS}, or the number of likeliest tokens to report (0-20) beside
 *     the sampled one; natural logarithms of the model's own distribution, before temperature,
 *     penalties and truncation
 */
public record SamplingParams(
    double temperature,
    double topP,
    int topK,
    double minP,
    double presencePenalty,
    double frequencyPenalty,
    double repetitionPenalty,
    long seed,
    int maxTokens,
    List<String> stop,
    List<Integer> stopTokenIds,
    int logprobs,
    boolean promptLogprobs) {

  public static final int NO_LOGPROBS = -1;
  public static final int MAX_LOGPROBS = 20;

  public SamplingParams {
    stop = List.copyOf(stop);
    stopTokenIds = List.copyOf(stopTokenIds);
    within("temperature", temperature, 0, 100);
    within("top_p", topP, Double.MIN_VALUE, 1);
    within("top_k", topK, 0, Integer.MAX_VALUE);
    within("min_p", minP, 0, 1);
    within("presence_penalty", presencePenalty, -2, 2);
    within("frequency_penalty", frequencyPenalty, -2, 2);
    within("repetition_penalty", repetitionPenalty, Double.MIN_VALUE, 100);
    within("max_tokens", maxTokens, 1, Integer.MAX_VALUE);
    within("logprobs", logprobs, NO_LOGPROBS, MAX_LOGPROBS);
    if (stop.stream().anyMatch(String::isEmpty)) {
      throw new UserException(
          "Cannot sample with these parameters",
          "a stop string is empty",
          "Remove the empty string from `stop`");
    }
  }

  public boolean greedy() {
    return temperature == 0;
  }

  /** Whether any penalty changes the scores. */
  public boolean penalized() {
    return presencePenalty != 0 || frequencyPenalty != 0 || repetitionPenalty != 1;
  }

  private static void within(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new UserException(
          "Cannot sample with " + name + " = " + value,
          name + " must be at least " + bound(least) + " and at most " + bound(most),
          "Correct `" + name + "`");
    }
  }

  private static String bound(double value) {
    if (value == Double.MIN_VALUE) {
      return "a little above 0";
    }
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
