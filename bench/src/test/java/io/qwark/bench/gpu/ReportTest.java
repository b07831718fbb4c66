package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final CheckPlan PLAN =
      new CheckPlan(
          "cuda:0",
          "python3",
          Shape.TINY,
          Shape.TINY,
          List.of("bfloat16", "fp8"),
          List.of(1, 8),
          List.of(128),
          1024);

  private static final PartResult CORRECT =
      new PartResult(PartNames.CORRECTNESS, PartResult.Status.DONE, 1, null);

  @TempDir Path folder;

  @Test
  void aCheckWithoutCorrectnessDoesNotPass() {
    assertFalse(new Report(PLAN, null).finish());
  }

  @Test
  void aPartThatWasLeftOutFailsNothing() {
    Report report = new Report(PLAN, null);
    report.add(CORRECT, null, null);
    report.add(PartResult.leftOut("throughput fp8", 3), null, null);
    assertTrue(report.finish());
  }

  @Test
  void aPartThatFailedFailsTheCheckAndKeepsWhatItHad() throws IOException {
    Path json = folder.resolve("report.json");
    Report report = new Report(PLAN, json.toFile());
    report.add(CORRECT, null, null);
    report.add(
        PartResult.failed("throughput bfloat16", "it ended with 1"),
        "bfloat16",
        JSON.readTree(
            "{\"results\": [{\"name\": \"128/1024 x 1\", \"tokens\": 1024, \"seconds\": 2}]}"));
    JsonNode kept = JSON.readTree(json.toFile());
    assertEquals(1024, kept.at("/bfloat16/results/0/tokens").asInt());
    assertEquals("FAILED", kept.at("/parts/1/status").asText());
    assertEquals("cuda:0", kept.at("/plan/device").asText());
  }

  @Test
  void verdictsOfAllSuitesAreKept() throws IOException {
    Path json = folder.resolve("report.json");
    Report report = new Report(PLAN, json.toFile());
    for (String way : List.of("bfloat16", "fp8")) {
      report.add(
          new PartResult(PartNames.correctness(way), PartResult.Status.DONE, 1, null),
          Report.CORRECTNESS,
          JSON.readTree("{\"verdicts\": [{\"model\": \"m\", \"way\": \"" + way + "\"}]}"));
    }
    JsonNode verdicts = JSON.readTree(json.toFile()).at("/correctness/verdicts");
    assertEquals(2, verdicts.size());
    assertEquals("fp8", verdicts.at("/1/way").asText());
    assertTrue(report.finish());
  }

  @Test
  void everyQuantizationIsCheckedInAProcessOfItsOwn() {
    assertEquals(List.of("float32", "bfloat16", "fp8"), PLAN.correctnessSides());
  }

  @Test
  void whatTransformersFailedAtFailsTheCheck() throws IOException {
    Report report = new Report(PLAN, null);
    report.add(CORRECT, null, null);
    report.add(
        new PartResult("throughput transformers", PartResult.Status.DONE, 1, null),
        CheckPlan.PEER,
        JSON.readTree("{\"results\": [], \"failures\": {\"128/1024 x 8\": \"no memory\"}}"));
    assertFalse(report.finish());
  }

  @Test
  void theTableShowsRatesRatiosAndWhatWasCutShort() throws IOException {
    Map<String, JsonNode> answers =
        Map.of(
            "bfloat16",
            results(
                "{\"name\": \"128/1024 x 1\", \"tokens\": 1024, \"seconds\": 4, \"output\": 1024}",
                "{\"name\": \"128/1024 x 8\", \"tokens\": 4096, \"seconds\": 2, \"output\": 512}"),
            CheckPlan.PEER,
            results(
                "{\"name\": \"128/1024 x 1\", \"tokens\": 64, \"seconds\": 1, \"output\": 1024}"));
    List<String> lines = new ThroughputTable(PLAN, answers).toString().lines().toList();
    assertEquals("cuda:0; its rates are not known", lines.get(0));
    assertEquals("in/out x samples  bfloat16  fp8  Transformers  ratio", lines.get(1));
    assertEquals("128/1024 x 1           256    -            64    4.0", lines.get(2));
    assertEquals("128/1024 x 8        2,048*    -             -      -", lines.get(3));
    assertTrue(lines.get(5).endsWith(": 128/1024 x 8, bfloat16 512"), lines.get(5));
  }

  private static JsonNode results(String... results) throws IOException {
    return JSON.readTree("{\"results\": [" + String.join(",", results) + "]}");
  }
}
