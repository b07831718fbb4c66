package io.qwark.jobs.report;

import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Map;

/**
 * What the terminal can show.
 *
 * @param width columns, at least 20
 * @param isUnicode whether box drawing and block characters come out
 * @param isColored whether ANSI escape sequences are understood
 * @param isTerminal whether a person watches; else output goes to a file or a pipe
 */
public record TerminalStyle(int width, boolean isUnicode, boolean isColored, boolean isTerminal) {
  static final int NARROWEST = 20;
  private static final int USUAL = 100;

  public TerminalStyle {
    width = Math.max(NARROWEST, width);
  }

  /** The style of this process's standard streams. */
  public static TerminalStyle detect() {
    return of(System.getenv(), Charset.defaultCharset().name(), System.console() != null);
  }

  /** The variables read are COLUMNS, TERM, NO_COLOR (see no-color.org) and the locale's. */
  static TerminalStyle of(Map<String, String> environment, String encoding, boolean isTerminal) {
    String term = environment.getOrDefault("TERM", "");
    boolean isSmart = isTerminal && !term.isEmpty() && !term.equals("dumb");
    boolean isColored = isSmart && environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean isUnicode = encoding.toUpperCase(Locale.ROOT).startsWith("UTF");
    return new TerminalStyle(columns(environment.get("COLUMNS")), isUnicode, isColored, isSmart);
  }

  private static int columns(String text) {
    return text != null && text.matches("[1-9]\\d{0,4}") ? Integer.parseInt(text) : USUAL;
  }
}
