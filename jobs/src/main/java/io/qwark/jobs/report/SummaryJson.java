package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.jobs.metrics.Estimate;
import io.qwark.jobs.metrics.Summary;
import java.util.ArrayList;
import java.util.List;

/**
 * The form of {@code summary.json}. Keys keep their order and are all present in every run; what is
 * unknown is null.
 *
 * <ul>
 *   <li>{@code format_version}: 1
 *   <li>{@code complete}, {@code warnings}: see {@link Summary}
 *   <li>{@code problems}, {@code samples}, {@code samples_per_problem} {min, max}
 *   <li>{@code scores}: by name (avg@4, pass@1, …, maj@4) {value from 0 to 1, standard_error,
 *       omitted: the reason where value is null}
 *   <li>{@code verdicts}: number of samples by verdict; {@code errors}: by error code; {@code
 *       finish_reasons}: by finish reason
 *   <li>{@code tokens}: {prompt, completion, completion_length {mean, min, p50, p90, p99, max}}
 *   <li>{@code time}: {wall_seconds, completion_tokens_per_second, samples_per_second}
 * </ul>
 */
public final class SummaryJson {
  private static final int FORMAT_VERSION = 1;

  private SummaryJson() {}

  /** The JSON of a summary; numbers are numbers. */
  public static ObjectNode of(Summary summary) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format_version", FORMAT_VERSION);
    json.put("complete", summary.complete());
    summary.warnings().forEach(json.putArray("warnings")::add);
    json.put("problems", summary.problems());
    json.put("samples", summary.samples());
    json.putObject("samples_per_problem")
        .put("min", summary.minSamplesPerProblem())
        .put("max", summary.maxSamplesPerProblem());
    ObjectNode scores = json.putObject("scores");
    estimates(summary).forEach(estimate -> put(scores.putObject(estimate.name()), estimate));
    ObjectNode verdicts = json.putObject("verdicts");
    summary.verdicts().forEach((verdict, count) -> verdicts.put(verdict.wireName(), count));
    summary.errors().forEach(json.putObject("errors")::put);
    summary.finishReasons().forEach(json.putObject("finish_reasons")::put);
    ObjectNode tokens = json.putObject("tokens");
    tokens.put("prompt", summary.promptTokens()).put("completion", summary.completionTokens());
    put(tokens, summary.completionLength());
    json.putObject("time")
        .put("wall_seconds", summary.wallSeconds())
        .put("completion_tokens_per_second", summary.completionTokensPerSecond())
        .put("samples_per_second", summary.samplesPerSecond());
    return json;
  }

  /** All scores in the order in which they are shown. */
  static List<Estimate> estimates(Summary summary) {
    List<Estimate> estimates = new ArrayList<>();
    estimates.add(summary.averageAtN());
    estimates.addAll(summary.passAtK());
    estimates.add(summary.majorityAtN());
    return estimates;
  }

  private static void put(ObjectNode json, Estimate estimate) {
    json.put("value", estimate.value())
        .put("standard_error", estimate.standardError())
        .put("omitted", estimate.omitted());
  }

  private static void put(ObjectNode tokens, Summary.Distribution length) {
    if (length == null) {
      tokens.putNull("completion_length");
      return;
    }
    tokens
        .putObject("completion_length")
        .put("mean", length.mean())
        .put("min", length.min())
        .put("p50", length.p50())
        .put("p90", length.p90())
        .put("p99", length.p99())
        .put("max", length.max());
  }
}
