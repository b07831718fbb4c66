package io.qwark.engine.text;

/** Repairs strings that are no Unicode text. */
final class UnicodeText {
  private UnicodeText() {}

  /**
   * The text with U+FFFD for each unpaired surrogate. The native binding would otherwise garble the
   * whole text, characters beyond the Basic Multilingual Plane in particular.
   */
  static String wellFormed(String text) {
    StringBuilder repaired = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean paired =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (paired) {
        i++;
      } else {
        repaired = repaired == null ? new StringBuilder(text) : repaired;
        repaired.setCharAt(i, '\ufffd');
      }
    }
    return repaired == null ? text : repaired.toString();
  }
}
