package io.qwark.jobs.report;

import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
final class Numbers {
  private Numbers() {}

  /** 0.9512 as 95.1%. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /** 0.0091 as 0.9, in percentage points. */
  static String points(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  /** 12345 as 12,345. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Two decimals at most, none from 100 on: 0.12, 1.23, 12.3, 1,234. */
  static String rate(double number) {
    int decimals = number >= 100 ? 0 : number >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", number);
  }

  /** 3.4 s, 42 s, 3 min 7 s, 2 h 5 min. */
  static String duration(double seconds) {
    return seconds < 9.95
        ? String.format(Locale.ROOT, "%.1f s", Math.max(0, seconds))
        : duration(Math.round(seconds));
  }

  /** 3 s, 42 s, 3 min 7 s, 2 h 5 min. */
  static String duration(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    long minutes = Math.round(seconds / 60.0);
    return count(minutes / 60) + " h " + minutes % 60 + " min";
  }
}
