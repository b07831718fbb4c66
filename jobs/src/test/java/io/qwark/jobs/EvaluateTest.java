package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Problems of which a malformed line, an empty problem and one without an answer are bad. */
  private Path dataset() throws IOException {
    return Files.writeString(
        folder.resolve("sums.jsonl"),
        String.join(
            "\n",
            "{\"id\": \"a\", \"problem\": \"1 + 2\", \"expected_answer\": \"3\"}",
            "{\"id\": \"b\", \"problem\": \"10 + 20\", \"expected_answer\": 30}",
            "{\"id\": \"c\", \"problem\": \"4 + ",
            "",
            "{\"id\": \"d\", \"problem\": \"\", \"expected_answer\": \"1\"}",
            "{\"id\": \"e\", \"problem\": \"5 + 5\"}",
            "{\"id\": \"f\", \"problem\": \"no sum\", \"expected_answer\": \"1\"}"));
  }

  private static JsonNode json(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }

  @Test
  void scoresSamplesAndWritesEveryFileOfARun() throws IOException {
    Path output = folder.resolve("out");
    Cli.Result result =
        Cli.job(
            "evaluate",
            output,
            "--dataset",
            dataset().toString(),
            "--samples",
            "4",
            "--quantization",
            "int4",
            "--lm-head-quantization",
            "int4",
            "--set",
            "dataset.id_column=id",
            "--set",
            "dataset.prompt_template={problem} = \\boxed{}?");
    assertEquals(0, result.code(), result.err());

    Path run = output.resolve("run");
    try (Stream<Path> files = Files.list(run)) {
      assertEquals(
          List.of("report.html", "run.json", "samples", "summary.json"),
          files.map(p -> p.getFileName().toString()).sorted().toList());
    }

    JsonNode summary = json(run.resolve("summary.json"));
    assertEquals(6, summary.get("problems").asInt());
    assertEquals(24, summary.get("samples").asInt());
    // a and b: 3 of 4 right; f: no answer; c, d, e: bad rows
    assertEquals(6, summary.at("/verdicts/correct").asInt());
    assertEquals(2, summary.at("/verdicts/incorrect").asInt());
    assertEquals(4, summary.at("/verdicts/no_answer").asInt());
    assertEquals(12, summary.at("/verdicts/failed").asInt());
    assertEquals(6.0 / 24, summary.at("/scores/avg@4/value").asDouble(), 1e-12);
    assertEquals(2.0 / 6, summary.at("/scores/pass@4/value").asDouble(), 1e-12);

    JsonNode record = json(run.resolve("run.json"));
    assertEquals("evaluate", record.get("job").asText());
    assertEquals(4, record.at("/config/sampling/n").asInt());
    assertEquals(6, record.at("/dataset/rows").asInt());
    assertEquals(3, record.at("/dataset/bad_rows").asInt());
    assertEquals(64, record.at("/dataset/sha256").asText().length());
    assertEquals(64, record.at("/model/sha256").asText().length());
    assertEquals("int4", record.at("/model/quantization").asText());
    assertEquals("int4", record.at("/model/lm_head_quantization").asText());
    assertEquals("int4", record.at("/config/model/lm_head_quantization").asText());
    assertEquals(1, record.get("replicas").size());
    assertEquals(
        "[driver, cpu, 2, stock, float32, 4096, 0, 0]",
        Stream.of(
                "executor",
                "device",
                "threads",
                "kernels",
                "kv_cache_dtype",
                "kv_cache_tokens",
                "restarts",
                "out_of_memory")
            .map(key -> record.at("/replicas/0/" + key).asText())
            .toList()
            .toString());
    // temperature of the quickstart model's generation_config.json
    assertEquals(0.6, record.at("/effective_sampling/temperature").asDouble());
    assertEquals("qwark evaluate", record.at("/spark/conf/spark.app.name").asText());
    assertFalse(record.at("/versions/spark").asText().isEmpty());
    assertFalse(record.at("/versions/qwark").asText().contains("$"));

    List<Row> rows = Tables.parquet(run.resolve("samples"), "id", "sample_index");
    assertEquals(24, rows.size());
    Row first = rows.stream().filter(r -> r.getAs("id").equals("a")).findFirst().orElseThrow();
    assertEquals("1 + 2", first.getAs("problem"));
    assertEquals("1 + 2 = \\boxed{}?", first.getAs("prompt"));
    assertEquals("3", first.getAs("expected_answer"));
    assertEquals("3", first.getAs("extracted_answer"));
    assertEquals("correct", first.getAs("verdict"));
    assertEquals("Let me add.", first.getAs("reasoning"));
    assertEquals(
        List.of(
            "id",
            "sample_index",
            "problem",
            "prompt",
            "expected_answer",
            "verdict",
            "extracted_answer",
            "explanation",
            "status",
            "error_code",
            "error_message",
            "finish_reason",
            "reasoning",
            "answer",
            "text",
            "prompt_tokens",
            "completion_tokens",
            "seed",
            "queue_ms",
            "first_token_ms",
            "total_ms",
            "token_ids",
            "logprobs",
            "top_logprobs",
            "prompt_logprobs"),
        List.of(first.schema().fieldNames()));
    Row malformed = rows.stream().filter(r -> r.getAs("id").equals("#2")).findFirst().orElseThrow();
    assertEquals("error", malformed.getAs("status"));
    assertEquals("INVALID_PROMPT", malformed.getAs("error_code"));
    assertTrue(
        malformed.<String>getAs("error_message").contains("line 3 of sums.jsonl"),
        malformed.<String>getAs("error_message"));
  }

  @Test
  void samplesDoNotDependOnTheNumberOfPartitions() throws IOException {
    List<List<String>> outcomes = new ArrayList<>();
    for (String partitions : List.of("1", "3", "16")) {
      Path output = folder.resolve("out" + partitions);
      Cli.Result result =
          Cli.job(
              "evaluate",
              output,
              "--dataset",
              dataset().toString(),
              "--samples",
              "3",
              "--partitions",
              partitions);
      assertEquals(0, result.code(), result.err());
      assertEquals(
          Integer.parseInt(partitions),
          json(output.resolve("run/run.json")).at("/spark/partitions").asInt());
      outcomes.add(
          Tables.parquet(output.resolve("run/samples"), "id", "sample_index").stream()
              .map(row -> row.mkString("|"))
              .toList());
    }
    assertEquals(18, outcomes.get(0).size());
    assertEquals(outcomes.get(0), outcomes.get(1));
    assertEquals(outcomes.get(0), outcomes.get(2));
  }
}
