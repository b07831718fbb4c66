package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {
  private static final TerminalStyle WIDE = new TerminalStyle(120, false, false, true);

  /** Ready after 10 s; 200 of 800 samples and 10,000 tokens in the 20 s since. */
  private static ProgressState quarter(Long total, long errors) {
    return new ProgressState(2, 1, 10, 200, total, 10_000, errors, 30);
  }

  @Test
  void saysThatModelsAreLoading() {
    ProgressState state = new ProgressState(2, 0, 0, 0, 800L, 0, 0, 12.7);
    assertEquals("loading model on 2 executors (12 s)", ProgressLine.render(state, WIDE));
    state = new ProgressState(1, 0, 0, 0, null, 0, 0, 3);
    assertEquals("loading model on 1 executor (3 s)", ProgressLine.render(state, WIDE));
  }

  @Test
  void showsDoneRatesErrorsAndTimeLeft() {
    // 10 samples/s and 500 tokens/s since the model was ready; 600 left take 60 s.
    assertEquals(
        "[#######.......................] 200/800  25%  3 errors  1 min 0 s left"
            + "  500 tokens/s  10.0 samples/s",
        ProgressLine.render(quarter(800L, 3), WIDE));
  }

  @Test
  void showsNoShareWithoutATotal() {
    assertEquals(
        "200 samples  1 error  500 tokens/s  10.0 samples/s",
        ProgressLine.render(quarter(null, 1), WIDE));
  }

  @Test
  void showsNoRateBeforeTheFirstSample() {
    ProgressState state = new ProgressState(1, 1, 10, 0, 800L, 0, 0, 11);
    assertEquals("[" + ".".repeat(30) + "] 0/800  0%", ProgressLine.render(state, WIDE));
  }

  @Test
  void showsAFullBarOnlyAtTheEnd() {
    ProgressState state = new ProgressState(1, 1, 10, 799, 800L, 800, 0, 20);
    assertTrue(ProgressLine.render(state, WIDE).contains(".] 799/800  99%"));
    state = new ProgressState(1, 1, 10, 800, 800L, 800, 0, 20);
    assertTrue(ProgressLine.render(state, WIDE).contains("#] 800/800  100%  80.0 tokens/s"));
    state = new ProgressState(1, 1, 10, 0, 0L, 0, 0, 20);
    assertTrue(ProgressLine.render(state, WIDE).contains("#] 0/0  100%"));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 25, 40, 60, 80, 120})
  void staysWithinTheWidth(int width) {
    for (boolean isUnicode : new boolean[] {false, true}) {
      TerminalStyle style = new TerminalStyle(width, isUnicode, false, true);
      assertTrue(ProgressLine.render(quarter(800L, 3), style).length() <= width);
      ProgressState loading = new ProgressState(1000, 0, 0, 0, null, 0, 0, 9999);
      assertTrue(ProgressLine.render(loading, style).length() <= width);
    }
  }

  @Test
  void rewritesATerminalsLineAndClearsWhatStoodThere() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ProgressPrinter printer = new ProgressPrinter(new PrintStream(bytes, true), WIDE);
    printer.update(new ProgressState(2, 0, 0, 0, null, 0, 0, 1));
    printer.update(new ProgressState(2, 1, 1, 0, null, 0, 0, 2));
    printer.finish(new ProgressState(2, 1, 1, 5, null, 5, 0, 2));
    String loading = "loading model on 2 executors (1 s)";
    String none = "0 samples";
    assertEquals(
        "\r"
            + loading
            + "\r"
            + none
            + " ".repeat(loading.length() - none.length())
            + "\r5 samples  5.00 tokens/s  5.00 samples/s"
            + System.lineSeparator(),
        bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void writesALineEveryHalfMinuteElsewhere() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TerminalStyle file = new TerminalStyle(100, false, false, false);
    ProgressPrinter printer = new ProgressPrinter(new PrintStream(bytes, true), file);
    for (int second = 0; second <= 65; second++) {
      printer.update(new ProgressState(1, 1, 0, second, null, 0, 0, second));
    }
    assertEquals(3, bytes.toString(StandardCharsets.UTF_8).lines().count());
    printer.finish(new ProgressState(1, 1, 0, 66, null, 0, 0, 66));
    assertTrue(bytes.toString(StandardCharsets.UTF_8).lines().toList().get(3).startsWith("66 sam"));
  }
}
