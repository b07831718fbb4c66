package io.qwark.jobs.report;

import io.qwark.engine.source.FetchProgress;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Shows how far the fetch of a model is: a terminal's line is rewritten in place, a file or pipe
 * gets a line at the start, every {@value #SECONDS_BETWEEN_LINES} s, and at the end.
 */
public final class FetchLine implements FetchProgress {
  static final int SECONDS_BETWEEN_LINES = 30;
  private static final double SECONDS_BETWEEN_REWRITES = 0.2;
  private static final int WIDEST_BAR = 30;
  private static final int NARROWEST_BAR = 8;

  private final PrintStream out;
  private final TerminalStyle style;
  private final LongSupplier nanos;
  private String model;
  private long total;
  private long present;
  private long done;
  private long began;
  private double shown;
  private int lastWidth;

  public FetchLine(PrintStream out, TerminalStyle style) {
    this(out, style, System::nanoTime);
  }

  FetchLine(PrintStream out, TerminalStyle style, LongSupplier nanos) {
    this.out = out;
    this.style = style;
    this.nanos = nanos;
  }

  @Override
  public void begin(String name, int files, long bytes, long presentBytes) {
    model = name;
    total = bytes;
    present = presentBytes;
    done = presentBytes;
    began = nanos.getAsLong();
    shown = 0;
    String rest = presentBytes > 0 ? ", of which " + size(presentBytes) + " are there" : "";
    out.println(
        "Fetching %s: %s in %d file%s%s"
            .formatted(name, size(bytes), files, files == 1 ? "" : "s", rest));
    out.flush();
  }

  @Override
  public void advance(long bytes) {
    done += bytes;
    double seconds = seconds();
    double period = style.isTerminal() ? SECONDS_BETWEEN_REWRITES : SECONDS_BETWEEN_LINES;
    if (seconds - shown >= period) {
      shown = seconds;
      show(line(seconds));
    }
  }

  @Override
  public void note(String text) {
    erase();
    out.println(text);
    out.flush();
  }

  @Override
  public void end() {
    erase();
    double seconds = seconds();
    String came = size(Math.max(0, done - present)) + " in " + Numbers.duration(seconds);
    out.println(
        done >= total
            ? "Fetched " + model + ": " + came
            : "Fetched a part of " + model + ": " + came + "; it is kept for the next try");
    out.flush();
  }

  private double seconds() {
    return (nanos.getAsLong() - began) / 1e9;
  }

  private String line(double seconds) {
    List<String> parts = new ArrayList<>();
    double share = total == 0 ? 1 : Math.max(0, Math.min(1, (double) done / total));
    parts.add((int) Math.floor(100 * share) + "%");
    parts.add(size(Math.max(0, done)) + " of " + size(total));
    double rate = (done - present) / Math.max(1e-3, seconds);
    if (rate > 0) {
      parts.add(size(Math.round(rate)) + "/s");
      parts.add(Numbers.duration(Math.max(1, Math.round((total - done) / rate))) + " left");
    }
    while (parts.size() > 1 && String.join("  ", parts).length() > style.width()) {
      parts.remove(parts.size() - 1);
    }
    String text = String.join("  ", parts);
    int room = Math.min(WIDEST_BAR, style.width() - text.length() - 3);
    if (room < NARROWEST_BAR) {
      return text;
    }
    int filled = (int) Math.floor(share * room);
    String bar =
        (style.isUnicode() ? "█" : "#").repeat(filled)
            + (style.isUnicode() ? "░" : ".").repeat(room - filled);
    return "[" + bar + "] " + text;
  }

  private void show(String line) {
    if (style.isTerminal()) {
      out.print("\r" + line + " ".repeat(Math.max(0, lastWidth - line.length())));
      lastWidth = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  private void erase() {
    if (lastWidth > 0) {
      out.print("\r" + " ".repeat(lastWidth) + "\r");
      lastWidth = 0;
    }
  }

  /** Bytes as 1.23 GB, 45.6 MB or 789 kB. */
  static String size(long bytes) {
    if (bytes >= 1_000_000_000) {
      return Numbers.rate(bytes / 1e9) + " GB";
    }
    return bytes >= 1_000_000
        ? Numbers.rate(bytes / 1e6) + " MB"
        : Numbers.rate(bytes / 1e3) + " kB";
  }
}
