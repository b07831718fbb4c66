package io.qwark.jobs.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import io.qwark.jobs.metrics.Estimate;
import io.qwark.jobs.metrics.Summary;
import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A run's summary for the terminal. */
public final class TerminalSummary {
  /** In the library's order: top, header, below it, data, between data, and the footer's parts. */
  private static final Character[] THIN_LINES =
      "┌─┬┐│││├─┼┤│││    ├─┼┤│││└─┴┘"
          .chars()
          .mapToObj(c -> c == ' ' ? null : (char) c)
          .toArray(Character[]::new);

  private static final int INDENT = 2;
  private static final int LABEL = 10;
  private static final int SHARE_BAR = 24;

  private final TerminalStyle style;
  private final StringBuilder out = new StringBuilder();

  private TerminalSummary(TerminalStyle style) {
    this.style = style;
  }

  /**
   * Several lines, each ending in a line feed.
   *
   * @param title such as the run's id
   * @param location where the run's files are; never cut, so that it can be copied
   */
  public static String render(String title, Summary summary, String location, TerminalStyle style) {
    TerminalSummary terminal = new TerminalSummary(style);
    terminal.out.append('\n').append(terminal.bold(title)).append('\n');
    terminal.scores(summary);
    terminal.verdicts(summary);
    terminal.facts(summary);
    terminal.out.append(terminal.label("Results")).append(location).append('\n');
    return terminal.out.toString();
  }

  private void scores(Summary summary) {
    String plusMinus = style.isUnicode() ? "± " : "+- ";
    List<String[]> rows = new ArrayList<>();
    for (Estimate estimate : SummaryJson.estimates(summary)) {
      boolean hasValue = estimate.value() != null;
      rows.add(
          new String[] {
            estimate.name(),
            hasValue ? Numbers.percent(estimate.value()) : "none",
            estimate.standardError() == null
                ? ""
                : plusMinus + Numbers.points(estimate.standardError()),
            hasValue ? Meanings.of(estimate) : estimate.omitted()
          });
    }
    table(rows, "Score", "Value", "Std. err.", "What it is");
  }

  private void verdicts(Summary summary) {
    List<String[]> rows = new ArrayList<>();
    for (Map.Entry<Verdict, Integer> entry : summary.verdicts().entrySet()) {
      double share = summary.samples() == 0 ? 0 : (double) entry.getValue() / summary.samples();
      rows.add(
          new String[] {
            entry.getKey().wireName(),
            Numbers.count(entry.getValue()),
            Numbers.percent(share),
            bar(share)
          });
    }
    table(rows, "Verdict", "Samples", "Share", "");
  }

  private void facts(Summary summary) {
    summary.warnings().forEach(warning -> fact("Warning", warning));
    if (!summary.errors().isEmpty()) {
      fact("Errors", counts(summary.errors()));
    }
    fact("Samples", samples(summary));
    if (!summary.finishReasons().isEmpty()) {
      fact("Finished", counts(summary.finishReasons()));
    }
    fact("Tokens", tokens(summary));
    if (summary.completionTokensPerSecond() != null) {
      fact(
          "Time",
          "%s, %s tokens/s, %s samples/s"
              .formatted(
                  Numbers.duration(summary.wallSeconds()),
                  Numbers.rate(summary.completionTokensPerSecond()),
                  Numbers.rate(summary.samplesPerSecond())));
    }
  }

  private static String samples(Summary summary) {
    String all = Numbers.count(summary.samples());
    return summary.minSamplesPerProblem() == summary.maxSamplesPerProblem()
        ? "%s (%d of each of %s problems)"
            .formatted(all, summary.maxSamplesPerProblem(), Numbers.count(summary.problems()))
        : all + " of " + Numbers.count(summary.problems()) + " problems";
  }

  private static String tokens(Summary summary) {
    String tokens =
        Numbers.count(summary.promptTokens())
            + " prompt, "
            + Numbers.count(summary.completionTokens())
            + " generated";
    Summary.Distribution length = summary.completionLength();
    return length == null
        ? tokens
        : tokens
            + "; per sample mean %s, median %s, p90 %s, max %s"
                .formatted(
                    Numbers.rate(length.mean()),
                    Numbers.count(length.p50()),
                    Numbers.count(length.p90()),
                    Numbers.count(length.max()));
  }

  private static String counts(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(entry -> entry.getKey() + " " + Numbers.count(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** A table with a wide last column that gives way where the terminal is narrow. */
  private void table(List<String[]> rows, String... headers) {
    int used = INDENT + 1;
    Column[] columns = new Column[headers.length];
    for (int i = 0; i < headers.length; i++) {
      boolean isNumber = i == 1 || i == 2;
      columns[i] =
          new Column()
              .header(headers[i])
              .headerAlign(isNumber ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
              .dataAlign(isNumber ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT);
      int column = i;
      int widest = rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
      used += i < headers.length - 1 ? Math.max(widest, headers[i].length()) + 3 : 0;
    }
    int rest = style.width() - used - 3;
    boolean fits = rest >= headers[headers.length - 1].length() && rest >= 8;
    int shown = fits ? headers.length : headers.length - 1;
    columns[headers.length - 1].maxWidth(Math.max(8, rest), OverflowBehaviour.NEWLINE);
    Object[][] cells =
        rows.stream().map(row -> (Object[]) Arrays.copyOf(row, shown)).toArray(Object[][]::new);
    String text =
        AsciiTable.builder().border(border()).data(Arrays.copyOf(columns, shown), cells).asString();
    text.lines().forEach(line -> out.append(" ".repeat(INDENT)).append(line).append('\n'));
  }

  private Character[] border() {
    return style.isUnicode() ? THIN_LINES : AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS;
  }

  private void fact(String label, String value) {
    int width = Math.max(10, style.width() - INDENT - LABEL);
    String prefix = label(label);
    for (String line : wrapped(value, width)) {
      out.append(prefix).append(line).append('\n');
      prefix = " ".repeat(INDENT + LABEL);
    }
  }

  private static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private String label(String label) {
    String padded = label + " ".repeat(LABEL - label.length());
    return " ".repeat(INDENT) + (label.equals("Warning") ? yellow(padded) : bold(padded));
  }

  private String bar(double share) {
    int filled = (int) Math.round(share * SHARE_BAR);
    return (style.isUnicode() ? "█" : "#").repeat(share > 0 ? Math.max(1, filled) : 0);
  }

  private String bold(String text) {
    return style.isColored() ? "\033[1m" + text + "\033[0m" : text;
  }

  private String yellow(String text) {
    return style.isColored() ? "\033[1;33m" + text + "\033[0m" : text;
  }
}
