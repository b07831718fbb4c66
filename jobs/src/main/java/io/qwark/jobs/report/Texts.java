package io.qwark.jobs.report;

/** Untrusted text, made short enough to show. */
final class Texts {
  private static final char REPLACEMENT = '\ufffd';

  private Texts() {}

  /** The text with each lone surrogate replaced: no encoding can carry one. */
  static String wellFormed(String text) {
    StringBuilder well = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
      if (isPair) {
        well.append(c).append(text.charAt(++i));
      } else {
        well.append(Character.isSurrogate(c) ? REPLACEMENT : c);
      }
    }
    return well.toString();
  }

  /** At most {@code limit} characters of the text plus a note: its head and its tail. */
  static String clipped(String text, int limit) {
    if (text == null || text.length() <= limit) {
      return text;
    }
    int half = limit / 2;
    int left = text.length() - 2 * half;
    return text.substring(0, half)
        + "\n\n[… "
        + Numbers.count(left)
        + " characters left out; samples/*.parquet has them all …]\n\n"
        + text.substring(text.length() - half);
  }
}
