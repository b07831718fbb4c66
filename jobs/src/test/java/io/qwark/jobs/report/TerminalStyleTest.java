package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalStyleTest {
  @Test
  void readsTheEnvironment() {
    assertEquals(
        new TerminalStyle(132, true, true, true),
        TerminalStyle.of(Map.of("TERM", "xterm", "COLUMNS", "132"), "UTF-8", true));
    assertEquals(
        new TerminalStyle(100, true, false, true),
        TerminalStyle.of(Map.of("TERM", "xterm", "NO_COLOR", "1"), "UTF-8", true));
    assertEquals(
        new TerminalStyle(100, false, false, false),
        TerminalStyle.of(Map.of("TERM", "dumb", "COLUMNS", "wide"), "US-ASCII", true));
    assertEquals(
        new TerminalStyle(100, true, false, false),
        TerminalStyle.of(Map.of("TERM", "xterm"), "utf-8", false));
  }
}
