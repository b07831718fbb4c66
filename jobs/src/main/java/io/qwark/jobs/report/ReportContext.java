package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.jobs.metrics.Estimate;
import io.qwark.jobs.metrics.Summary;
import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The values that the report's template names. */
final class ReportContext {
  private static final Map<Verdict, String> SYMBOLS =
      new EnumMap<>(
          Map.of(
              Verdict.CORRECT, "✓",
              Verdict.INCORRECT, "✗",
              Verdict.NO_ANSWER, "∅",
              Verdict.UNSCORED, "?",
              Verdict.FAILED, "!"));

  private ReportContext() {}

  static Map<String, Object> of(Summary summary, JsonNode run, int shown) {
    List<Map<String, Object>> scores =
        SummaryJson.estimates(summary).stream().map(ReportContext::score).toList();
    List<Map<String, Object>> counts = counts(summary);
    return Map.ofEntries(
        Map.entry("title", run.path("run_id").asText("Evaluation")),
        Map.entry("subtitle", subtitle(run)),
        Map.entry("hasWarnings", !summary.warnings().isEmpty()),
        Map.entry("warnings", summary.warnings()),
        Map.entry("hero", scores.get(0)),
        Map.entry("scores", scores),
        Map.entry("verdicts", verdicts(summary)),
        Map.entry(
            "verdictText",
            summary.verdicts().entrySet().stream()
                .map(entry -> entry.getValue() + " " + label(entry.getKey()))
                .collect(Collectors.joining(", "))),
        Map.entry("hasCounts", !counts.isEmpty()),
        Map.entry("counts", counts),
        Map.entry("tiles", tiles(summary)),
        Map.entry("sampleNote", sampleNote(summary.samples(), shown)),
        Map.entry("settings", SettingsTable.of(run)));
  }

  /** Model and data set, as far as the run's record names them. */
  private static String subtitle(JsonNode run) {
    return Stream.of("model", "dataset")
        .map(
            part ->
                Stream.of(run.at("/config/" + part + "/path"), run.at("/" + part + "/path"))
                    .filter(JsonNode::isTextual)
                    .map(JsonNode::textValue)
                    .findFirst()
                    .orElse(""))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(" · "));
  }

  private static Map<String, Object> score(Estimate estimate) {
    boolean isKnown = estimate.value() != null;
    boolean hasError = estimate.standardError() != null;
    double value = isKnown ? estimate.value() : 0;
    double error = hasError ? estimate.standardError() : 0;
    return Map.of(
        "name",
        estimate.name(),
        "known",
        isKnown,
        "value",
        isKnown ? Numbers.percent(value) : "none",
        "error",
        hasError ? "± " + Numbers.points(error) : "",
        "meaning",
        isKnown ? Meanings.of(estimate) : estimate.omitted(),
        "omitted",
        isKnown ? "" : estimate.omitted(),
        "width",
        width(value),
        "whisker",
        hasError,
        "from",
        width(Math.max(0, value - error)),
        "to",
        width(Math.min(1, value + error)));
  }

  private static List<Map<String, Object>> verdicts(Summary summary) {
    List<Map<String, Object>> verdicts = new ArrayList<>();
    double x = 0;
    for (Map.Entry<Verdict, Integer> entry : summary.verdicts().entrySet()) {
      double share = summary.samples() == 0 ? 0 : (double) entry.getValue() / summary.samples();
      verdicts.add(
          Map.of(
              "key", entry.getKey().wireName(),
              "label", label(entry.getKey()),
              "symbol", SYMBOLS.get(entry.getKey()),
              "count", Numbers.count(entry.getValue()),
              "share", Numbers.percent(share),
              "x", width(x),
              "width", width(share)));
      x += share;
    }
    return verdicts;
  }

  private static List<Map<String, Object>> counts(Summary summary) {
    List<Map<String, Object>> counts = new ArrayList<>();
    summary.errors().forEach((code, n) -> counts.add(pair("error " + code, Numbers.count(n))));
    summary
        .finishReasons()
        .forEach((reason, n) -> counts.add(pair("finished by " + reason, Numbers.count(n))));
    return counts;
  }

  private static List<Map<String, Object>> tiles(Summary summary) {
    List<Map<String, Object>> tiles = new ArrayList<>();
    int most = summary.maxSamplesPerProblem();
    String each = (summary.minSamplesPerProblem() == most ? "" : "up to ") + most;
    tiles.add(
        tile(
            "Problems",
            Numbers.count(summary.problems()),
            each + (most == 1 ? " sample each" : " samples each")));
    tiles.add(
        tile("Samples", Numbers.count(summary.samples()), perSecond(summary.samplesPerSecond())));
    tiles.add(
        tile(
            "Tokens generated",
            Numbers.count(summary.completionTokens()),
            Numbers.count(summary.promptTokens()) + " in prompts"));
    Summary.Distribution length = summary.completionLength();
    if (length != null) {
      tiles.add(
          tile(
              "Median length",
              Numbers.count(length.p50()) + " tokens",
              "p90 %s, max %s"
                  .formatted(Numbers.count(length.p90()), Numbers.count(length.max()))));
    }
    if (summary.completionTokensPerSecond() != null) {
      tiles.add(tile("Throughput", Numbers.rate(summary.completionTokensPerSecond()), "tokens/s"));
      tiles.add(tile("Time", Numbers.duration(summary.wallSeconds()), "of generation"));
    }
    return tiles;
  }

  private static String perSecond(Double rate) {
    return rate == null ? "" : Numbers.rate(rate) + " each second";
  }

  private static String sampleNote(int all, int shown) {
    return shown >= all
        ? "All samples of the run; what went wrong comes first."
        : "%s of the run's %s samples, at most %d, what went wrong first. The others are in"
                .formatted(Numbers.count(shown), Numbers.count(all), SampleShelf.CAPACITY)
            + " samples/*.parquet beside this file.";
  }

  private static Map<String, Object> tile(String name, String value, String note) {
    return Map.of("name", name, "value", value, "note", note);
  }

  private static Map<String, Object> pair(String name, String value) {
    return Map.of("name", name, "value", value);
  }

  private static String label(Verdict verdict) {
    return verdict.wireName().replace('_', ' ');
  }

  private static String width(double share) {
    return String.format(Locale.ROOT, "%.3f%%", 100 * share);
  }
}
