package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.jobs.metrics.Metrics;
import io.qwark.jobs.metrics.SampleScore;
import io.qwark.jobs.metrics.Summary;
import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalSummaryTest {
  /** 3 problems of 2 samples: both correct; one correct and one failed; both wrong. */
  static Summary summary() {
    List<SampleScore> samples = new ArrayList<>();
    samples.add(sample("a", 0, Verdict.CORRECT, "1"));
    samples.add(sample("a", 1, Verdict.CORRECT, "1"));
    samples.add(sample("b", 0, Verdict.CORRECT, "1"));
    samples.add(sample("b", 1, Verdict.FAILED, null));
    samples.add(sample("c", 0, Verdict.INCORRECT, "2"));
    samples.add(sample("c", 1, Verdict.NO_ANSWER, null));
    return Metrics.summarize(samples.iterator(), List.of(1, 2, 4), 2.0);
  }

  private static SampleScore sample(String id, int index, Verdict verdict, String answer) {
    boolean isFailed = verdict == Verdict.FAILED;
    return new SampleScore(
        id,
        index,
        verdict,
        answer,
        "1",
        isFailed ? null : "stop",
        isFailed ? "PROMPT_TOO_LONG" : null,
        isFailed ? 0 : 100,
        isFailed ? 0 : 1000);
  }

  private static String render(int width, boolean isUnicode) {
    TerminalStyle style = new TerminalStyle(width, isUnicode, false, false);
    return TerminalSummary.render("run-1", summary(), "/runs/run-1", style);
  }

  @Test
  void showsScoresVerdictsErrorsTokensAndPlace() {
    String text = render(100, false);
    // avg@2: means 1, 1/2, 0 give 50%, standard error 0.5/sqrt(3) = 28.9 points.
    assertTrue(text.contains("| avg@2  | 50.0% |   +- 28.9 | share of samples"), text);
    assertTrue(text.contains("| pass@4 |  none |"), text);
    assertTrue(text.contains("It needs 4 samples of every problem; one has 2."), text);
    assertTrue(text.contains("| failed    |       1 | 16.7% | ####"), text);
    assertTrue(text.contains("Warning   1 of 6 samples failed"), text);
    assertTrue(text.contains("Errors    PROMPT_TOO_LONG 1"), text);
    assertTrue(text.contains("Samples   6 (2 of each of 3 problems)"), text);
    assertTrue(text.contains("500 prompt, 5,000 generated; per sample mean 1,000"), text);
    assertTrue(text.contains("2.0 s, 2,500 tokens/s, 3.00 samples/s"), text);
    assertTrue(text.endsWith("Results   /runs/run-1\n"), text);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80, 100, 200})
  void staysWithinTheTerminalsWidth(int width) {
    for (boolean isUnicode : new boolean[] {false, true}) {
      String text = render(width, isUnicode);
      text.lines().forEach(line -> assertTrue(line.length() <= width, width + ": " + text));
    }
  }

  @Test
  void usesPlainCharactersWhereOthersWouldNotComeOut() {
    assertTrue(render(80, false).chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~')));
    assertTrue(render(80, true).contains("┌─"));
    assertTrue(render(80, true).contains("± 28.9"));
  }

  @Test
  void colorsOnlyWhereAsked() {
    assertFalse(render(80, true).contains("\033["));
    TerminalStyle colored = new TerminalStyle(80, true, true, true);
    assertTrue(TerminalSummary.render("r", summary(), "/r", colored).contains("\033[1m"));
  }

  @Test
  void showsAnEmptyRunWithoutScores() {
    Summary empty = Metrics.summarize(List.<SampleScore>of().iterator(), List.of(1), null);
    String text =
        TerminalSummary.render("r", empty, "/r", new TerminalStyle(80, false, false, false));
    assertTrue(text.contains("There are no samples, so there is no score."), text);
    assertFalse(text.contains("avg@0  | 0.0%"), text);
    assertEquals(3, text.split("\\| +none \\|", -1).length - 1, text);
  }
}
