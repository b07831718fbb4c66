package io.qwark.jobs.score;

/**
 * The part of a sample that may be scored.
 *
 * @param answer what stands outside reasoning, or null if nothing does
 * @param problem why there is none, as a sentence; null where there is one
 */
record FinalPart(String answer, String problem) {
  private static final String OPENING = "<think>";
  private static final String CLOSING = "</think>";

  static FinalPart of(GeneratedText text) {
    if (text.answer() == null) {
      return without(
          text.reasoning() == null
              ? "Nothing was generated."
              : "The reasoning was never closed, so there is no answer.");
    }
    // A model that was not expected to reason may write the marks itself.
    String answer = text.answer();
    int closing = answer.lastIndexOf(CLOSING);
    if (closing >= 0) {
      answer = answer.substring(closing + CLOSING.length());
    }
    if (answer.stripLeading().startsWith(OPENING)) {
      return without("The reasoning was never closed, so there is no answer.");
    }
    return answer.isBlank() ? without("The answer is empty.") : new FinalPart(answer, null);
  }

  private static FinalPart without(String problem) {
    return new FinalPart(null, problem);
  }
}
