package io.qwark.engine.text;

/** Strings as Python, which templates are written for, treats them. */
final class PythonText {
  private PythonText() {}

  /**
   * Without white space at both ends, as {@code str.strip()} and Jinja's {@code trim}: Python
   * counts spaces that do not break lines, U+0085 and the separators U+001C to U+001F; Java's own
   * methods differ.
   */
  static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** All of them lie in the Basic Multilingual Plane. */
  private static boolean isSpace(char c) {
    return c >= '\t' && c <= '\r' || c >= 0x1c && c <= ' ' || c == 0x85 || Character.isSpaceChar(c);
  }
}
