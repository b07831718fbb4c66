package io.qwark.engine.schedule;

import io.qwark.engine.api.Speculative;

/**
 * Guesses how a text goes on (prompt lookup decoding; Saxena 2023): where its last tokens occurred
 * before, what followed them then. Each token is taken up once, so that a guess costs the same
 * however long the text is.
 */
final class PromptLookup {
  /** Of the longest runs first. */
  private final NgramTable[] tables;

  /** Tokens taken up. */
  private int length;

  private int found;

  PromptLookup(Speculative speculative) {
    int longest = speculative.promptLookupMax();
    tables = new NgramTable[longest - speculative.promptLookupMin() + 1];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = new NgramTable(longest - i);
    }
  }

  /**
   * @param text the same as before with more tokens behind
   * @return index of the token that followed the last occurrence of the longest run of last tokens
   *     that occurred before, or 0 if none did
   */
  int find(int[] text, int newLength) {
    while (length < newLength) {
      length++;
      found = 0;
      for (NgramTable table : tables) {
        int before = table.put(text, length);
        found = found == 0 ? before : found;
      }
    }
    return found;
  }
}
