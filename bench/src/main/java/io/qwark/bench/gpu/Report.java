package io.qwark.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what the parts came to, as JSON and as text. */
final class Report {
  /** Key of what the correctness suites answered, all of them together. */
  static final String CORRECTNESS = "correctness";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final CheckPlan plan;
  private final File json;
  private final Instant begun = Instant.now();
  private final List<PartResult> parts = new ArrayList<>();
  private final Map<String, JsonNode> answers = new LinkedHashMap<>();

  /**
   * @param json to write after each part, or null
   */
  Report(CheckPlan plan, File json) {
    this.plan = plan;
    this.json = json;
  }

  /**
   * @param key of the answer, or null
   * @param answer or null
   */
  void add(PartResult part, String key, JsonNode answer) {
    parts.add(part);
    if (answer != null) {
      answers.merge(key, answer, Report::together);
    }
    System.err.printf(
        "%s: %s in %.0f s%s%n",
        part.name(),
        part.status(),
        part.seconds(),
        part.reason() == null ? "" : ", " + part.reason());
    write(null);
  }

  /** The verdicts of both. */
  private static JsonNode together(JsonNode first, JsonNode second) {
    ObjectNode both = first.deepCopy();
    both.withArray("verdicts").addAll((ArrayNode) second.withArray("verdicts"));
    return both;
  }

  /** Prints the tables and tells whether all is well. */
  boolean finish() {
    List<String> failures = failures();
    String text = text(failures);
    write(text);
    System.out.print(text);
    return failures.isEmpty();
  }

  /** Everything that is not as it should be; what was left out for want of time is not in it. */
  private List<String> failures() {
    List<String> failures = new ArrayList<>();
    for (PartResult part : parts) {
      if (part.status() == PartResult.Status.FAILED) {
        failures.add(part.name() + ": " + part.reason());
      }
    }
    if (parts.stream().noneMatch(p -> p.name().startsWith(PartNames.CORRECTNESS))) {
      failures.add(PartNames.CORRECTNESS + ": it was not looked at");
    }
    JsonNode peer = answers.get(CheckPlan.PEER);
    if (peer != null) {
      peer.path("failures")
          .fields()
          .forEachRemaining(
              f -> failures.add("Transformers, " + f.getKey() + ": " + f.getValue().asText()));
    }
    return failures;
  }

  private String text(List<String> failures) {
    StringBuilder text = new StringBuilder();
    text.append('\n').append(new CorrectnessTable(answers.get(CORRECTNESS)));
    text.append('\n').append(new ThroughputTable(plan, answers)).append('\n');
    for (PartResult part : parts) {
      if (part.status() == PartResult.Status.LEFT_OUT) {
        text.append("Left out: ").append(part.name()).append(", ").append(part.reason());
        text.append('\n');
      }
    }
    failures.forEach(failure -> text.append("FAILED: ").append(failure).append('\n'));
    text.append(failures.isEmpty() ? "The check passed.\n" : "The check FAILED.\n");
    return text.toString();
  }

  private void write(String text) {
    if (json == null) {
      return;
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("begun", begun.toString());
    report.put("plan", plan);
    report.put("parts", parts);
    report.putAll(answers);
    report.put("table", text);
    try {
      JSON.writerWithDefaultPrettyPrinter().writeValue(json, report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
