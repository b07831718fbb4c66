package io.qwark.engine.text;

/** Python's {@code lstrip('\n')} and {@code rstrip('\n')}: line feeds only, no other spaces. */
final class Newlines {
  private Newlines() {}

  static String trimStart(String text) {
    int start = 0;
    while (start < text.length() && text.charAt(start) == '\n') {
      start++;
    }
    return text.substring(start);
  }

  static String trimEnd(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\n') {
      end--;
    }
    return text.substring(0, end);
  }

  static String trim(String text) {
    return trimEnd(trimStart(text));
  }
}
