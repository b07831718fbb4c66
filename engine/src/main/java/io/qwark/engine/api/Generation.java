package io.qwark.engine.api;

import java.util.List;

/**
 * A finished sample as text.
 *
 * @param text all generated text, special tokens left out except the reasoning marks
 * @param reasoning what stands before the last {@code </think>}, or null if there is none
 * @param answer what stands after it, or all text where the model does not reason; null where
 *     reasoning was opened and never closed
 * @param promptTokens number of prompt tokens
 * @param completion the tokens, finish reason, log-probabilities and timings behind the text
 */
public record Generation(
    String text, String reasoning, String answer, int promptTokens, Completion completion) {
  public List<List<TokenLogprob>> topLogprobs() {
    return completion.topLogprobs();
  }
}
