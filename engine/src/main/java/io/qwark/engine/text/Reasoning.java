package io.qwark.engine.text;

/**
 * Tells reasoning from answer in generated text, by the marks {@code <think>} and {@code </think>}
 * of Qwen3 (model cards of Qwen3-4B and Qwen3-4B-Thinking-2507).
 */
public final class Reasoning {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  private Reasoning() {}

  /**
   * @param reasoning null if there is none; empty where the marks enclose nothing
   * @param answer null if the reasoning was not closed, so that no answer was reached
   */
  public record Split(String reasoning, String answer) {}

  /**
   * Splits at the last {@code </think>}. Newlines at both ends of the two parts are dropped, as the
   * model cards' own code does; text without reasoning stays as it is.
   *
   * @param text all that was generated, the marks included
   * @param opened whether the prompt already opened the reasoning; else {@code text} does, if it
   *     begins with {@code <think>}
   */
  public static Split split(String text, boolean opened) {
    String start = text.stripLeading();
    boolean marked = start.startsWith(OPEN);
    int close = text.lastIndexOf(CLOSE);
    if (close < 0 && !opened && !marked) {
      return new Split(null, text);
    }
    String reasoning = close < 0 ? text : text.substring(0, close);
    if (marked) {
      reasoning = reasoning.stripLeading().substring(OPEN.length());
    }
    String answer = close < 0 ? null : Newlines.trim(text.substring(close + CLOSE.length()));
    return new Split(Newlines.trim(reasoning), answer);
  }
}
