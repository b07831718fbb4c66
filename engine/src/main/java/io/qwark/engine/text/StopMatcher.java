package io.qwark.engine.text;

import java.util.List;

/**
 * Looks for stop strings in a growing text. The match is the one that ends first, and of those that
 * end together the longest, so that it does not depend on how the text was cut into pieces. Each
 * character is looked at once for each stop string (Knuth, Morris and Pratt, "Fast pattern matching
 * in strings", 1977). Not thread-safe.
 */
public final class StopMatcher {
  private final String[] stops;

  /** failures[s][n]: after n matched characters and a mismatch, how many still match. */
  private final int[][] failures;

  private final int[] matched;
  private final StringBuilder text = new StringBuilder();
  private boolean stopped;

  /**
   * @param stops none of them empty
   */
  public StopMatcher(List<String> stops) {
    this.stops = stops.toArray(String[]::new);
    this.failures = stops.stream().map(StopMatcher::failures).toArray(int[][]::new);
    this.matched = new int[this.stops.length];
  }

  /**
   * Adds a piece of text; what comes after a match is dropped.
   *
   * @return whether a stop string has been found, now or before
   */
  public boolean add(String piece) {
    for (int i = 0; i < piece.length() && !stopped; i++) {
      text.append(piece.charAt(i));
      int longest = longestEndingIn(piece.charAt(i));
      if (longest > 0) {
        text.setLength(text.length() - longest);
        stopped = true;
      }
    }
    return stopped;
  }

  /** The text so far, without the stop string and what follows. */
  public String text() {
    return text.toString();
  }

  private int longestEndingIn(char next) {
    int longest = 0;
    for (int s = 0; s < stops.length; s++) {
      String stop = stops[s];
      int n = matched[s];
      while (n > 0 && stop.charAt(n) != next) {
        n = failures[s][n];
      }
      matched[s] = stop.charAt(n) == next ? n + 1 : n;
      if (matched[s] == stop.length()) {
        longest = Math.max(longest, stop.length());
      }
    }
    return longest;
  }

  private static int[] failures(String stop) {
    if (stop.isEmpty()) {
      throw new IllegalArgumentException("Cannot stop at an empty string");
    }
    int[] failures = new int[stop.length() + 1];
    for (int i = 1, n = 0; i < stop.length(); i++) {
      while (n > 0 && stop.charAt(n) != stop.charAt(i)) {
        n = failures[n];
      }
      n = stop.charAt(n) == stop.charAt(i) ? n + 1 : n;
      failures[i + 1] = n;
    }
    return failures;
  }
}
