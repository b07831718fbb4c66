package io.qwark.jobs.report;

import java.util.ArrayList;
import java.util.List;

/** One line that tells how far a run is; a pure function of the run's state. */
final class ProgressLine {
  private static final int WIDEST_BAR = 30;
  private static final int NARROWEST_BAR = 8;

  private ProgressLine() {}

  /** The line, no wider than {@code width}; what matters least is left out first. */
  static String render(ProgressState state, TerminalStyle style) {
    if (state.replicasLoaded() == 0 && state.samplesDone() == 0) {
      String line =
          "loading model on %s (%s)"
              .formatted(
                  plural(state.executors(), "executor"),
                  Numbers.duration((long) state.elapsedSeconds()));
      return clipped(line, style);
    }
    List<String> parts = parts(state);
    while (parts.size() > 1 && String.join("  ", parts).length() > style.width()) {
      parts.remove(parts.size() - 1);
    }
    String text = String.join("  ", parts);
    int room = style.width() - text.length() - 3;
    if (state.samplesTotal() == null || room < NARROWEST_BAR) {
      return clipped(text, style);
    }
    return bar(share(state), Math.min(room, WIDEST_BAR), style) + " " + text;
  }

  /** In order of importance. */
  private static List<String> parts(ProgressState state) {
    List<String> parts = new ArrayList<>();
    Long total = state.samplesTotal();
    parts.add(
        total == null
            ? Numbers.count(state.samplesDone()) + " samples"
            : Numbers.count(state.samplesDone()) + "/" + Numbers.count(total));
    if (total != null) {
      parts.add((int) Math.floor(100 * share(state)) + "%");
    }
    if (state.errors() > 0) {
      parts.add(plural(state.errors(), "error"));
    }
    double seconds = state.elapsedSeconds() - state.readySeconds();
    boolean hasRate = state.samplesDone() > 0 && seconds > 0;
    if (hasRate && total != null && state.samplesDone() < total) {
      double left = (total - state.samplesDone()) * seconds / state.samplesDone();
      parts.add(Numbers.duration(Math.max(1, Math.round(left))) + " left");
    }
    if (hasRate) {
      parts.add(Numbers.rate(state.completionTokens() / seconds) + " tokens/s");
      parts.add(Numbers.rate(state.samplesDone() / seconds) + " samples/s");
    }
    return parts;
  }

  private static double share(ProgressState state) {
    return state.samplesTotal() == 0
        ? 1
        : Math.min(1, (double) state.samplesDone() / state.samplesTotal());
  }

  private static String bar(double share, int width, TerminalStyle style) {
    int filled = (int) Math.floor(share * width);
    String done = style.isUnicode() ? "█" : "#";
    String open = style.isUnicode() ? "░" : ".";
    return "[" + done.repeat(filled) + open.repeat(width - filled) + "]";
  }

  private static String clipped(String line, TerminalStyle style) {
    return line.length() <= style.width() ? line : line.substring(0, style.width());
  }

  private static String plural(long count, String noun) {
    return Numbers.count(count) + " " + noun + (count == 1 ? "" : "s");
  }
}
