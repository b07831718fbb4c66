package io.qwark.jobs.report;

import java.io.PrintStream;

/**
 * Prints the progress line: a terminal's line is rewritten in place, a file or pipe gets a new line
 * every {@value #SECONDS_BETWEEN_LINES} s. Not thread-safe.
 */
public final class ProgressPrinter {
  static final int SECONDS_BETWEEN_LINES = 30;

  private final PrintStream out;
  private final TerminalStyle style;
  private double lastLineSeconds = Double.NEGATIVE_INFINITY;
  private int lastWidth;

  public ProgressPrinter(PrintStream out, TerminalStyle style) {
    this.out = out;
    this.style = style;
  }

  /** Shows the state; time is taken from it. Call it as often as the line should change. */
  public void update(ProgressState state) {
    if (style.isTerminal()) {
      rewrite(ProgressLine.render(state, style));
    } else if (state.elapsedSeconds() - lastLineSeconds >= SECONDS_BETWEEN_LINES) {
      lastLineSeconds = state.elapsedSeconds();
      out.println(ProgressLine.render(state, style));
      out.flush();
    }
  }

  /** Shows the last state and leaves the line, so that what follows starts on its own. */
  public void finish(ProgressState state) {
    if (style.isTerminal()) {
      rewrite(ProgressLine.render(state, style));
      out.println();
    } else {
      out.println(ProgressLine.render(state, style));
    }
    out.flush();
    lastWidth = 0;
  }

  private void rewrite(String line) {
    // A carriage return alone would leave the end of a longer line behind.
    out.print("\r" + line + " ".repeat(Math.max(0, lastWidth - line.length())));
    out.flush();
    lastWidth = line.length();
  }
}
