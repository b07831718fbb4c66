package io.qwark.jobs.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class Nearest {
  private Nearest() {}

  /** The likeliest of the candidates, or empty if none is near. */
  public static Optional<String> to(String name, Collection<String> candidates) {
    String wanted = plain(name);
    int most = Math.max(2, wanted.length() / 3);
    return candidates.stream()
        .filter(c -> distance(wanted, plain(c)) <= most)
        .min(
            Comparator.<String>comparingInt(c -> distance(wanted, plain(c)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** A sentence without a full stop: the likeliest candidate, else all that there are. */
  public static String suggestion(String name, Collection<String> candidates) {
    return to(name, candidates)
        .map(c -> "Write `" + c + "` if that is meant")
        .orElseGet(() -> "Use one of " + String.join(", ", candidates));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  /** Levenshtein's edit distance. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
