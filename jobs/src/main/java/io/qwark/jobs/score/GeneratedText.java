package io.qwark.jobs.score;

/**
 * The text of one sample, as the {@code generation} columns hold it.
 *
 * @param text all generated text
 * @param reasoning what stands before the last {@code </think>}, or null
 * @param answer what stands after it, or all text of a model that does not reason; null where
 *     reasoning was opened and never closed. Scorers read this part only
 * @param finishReason stop or length, or null if unknown
 */
public record GeneratedText(String text, String reasoning, String answer, String finishReason) {
  boolean isCutOff() {
    return "length".equals(finishReason);
  }
}
