package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateTest {
  @TempDir Path folder;

  private Cli.Result generate(String input, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("in.jsonl"), input);
    String[] arguments = new String[more.length + 2];
    arguments[0] = "--input";
    arguments[1] = file.toString();
    System.arraycopy(more, 0, arguments, 2, more.length);
    return Cli.job("generate", folder.resolve("out"), arguments);
  }

  private List<Row> samples() {
    return Tables.parquet(folder.resolve("out/run/samples"), "id", "sample_index");
  }

  @Test
  void textsBecomeUserMessagesAndBadLinesErrorRows() throws IOException {
    Cli.Result result =
        generate(
            """
            {"prompt": "1 + 1"}
            {"prompt": ""}
            {"prompt": 5}
            {"prompt
            """,
            "--samples",
            "2");
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().contains("8 samples, 6 of them failed"), result.out());
    List<Row> rows = samples();
    assertEquals(8, rows.size());
    Row first = rows.stream().filter(r -> r.getAs("id").equals("0")).findFirst().orElseThrow();
    assertEquals("1 + 1", first.getAs("prompt"));
    assertEquals("\\boxed{2}", first.getAs("answer"));
    assertEquals("Let me add.", first.getAs("reasoning"));
    assertEquals(List.of(7, 0), first.getList(first.fieldIndex("token_ids")));
    assertNull(first.getAs("logprobs"));
    assertEquals("EMPTY_PROMPT", error(rows, "1"));
    assertEquals("INVALID_PROMPT", error(rows, "2"));
    assertEquals("INVALID_PROMPT", error(rows, "#3"));
  }

  private static String error(List<Row> rows, String id) {
    return rows.stream()
        .filter(r -> r.getAs("id").equals(id))
        .findFirst()
        .orElseThrow()
        .getAs("error_code");
  }

  @Test
  void rawTextsAreSentWithoutAUserMessage() throws IOException {
    assertEquals(0, generate("{\"prompt\": \"hello\"}\n", "--prompt-form", "text").code());
    assertEquals("Nothing to add in: hello", samples().get(0).getAs("answer"));
    assertEquals(
        0, generate("{\"prompt\": \"hello\"}\n", "--prompt-form", "chat", "--overwrite").code());
    assertEquals("Nothing to add in: user: hello", samples().get(0).getAs("answer"));
  }

  @Test
  void conversationsAreSentInFull() throws IOException {
    Cli.Result result =
        generate(
            """
            {"id": "x", "messages": [{"role": "system", "content": "be nice"}, \
            {"role": "user", "content": [{"type": "text", "text": "he"}, {"type": "text", "text": "y"}]}]}
            {"id": "y", "messages": [{"role": "user", "content": 5}]}
            {"id": "z", "messages": "hey"}
            {"id": "zz", "messages": [{"role": "user", "content": "x"}], "tools": [{"name": "f"}]}
            """,
            "--set",
            "input.id_column=id");
    assertEquals(0, result.code(), result.err());
    List<Row> rows = samples();
    assertEquals("Nothing to add in: system: be nice\nuser: hey", rows.get(0).getAs("answer"));
    assertTrue(rows.get(0).<String>getAs("prompt").startsWith("[{\"role\":\"system\""));
    assertTrue(
        rows.get(1).<String>getAs("error_message").contains("content of its message 0"),
        rows.get(1).<String>getAs("error_message"));
    assertTrue(rows.get(2).<String>getAs("error_message").contains("not a list of messages"));
    assertEquals("Nothing to add in: user: x\ntool: {\"name\":\"f\"}", rows.get(3).getAs("answer"));
  }

  @Test
  void tokenIdsAreSentAsTheyAre() throws IOException {
    assertEquals(0, generate("{\"token_ids\": [4, 5]}\n{\"token_ids\": [4, \"x\"]}\n").code());
    assertEquals("\\boxed{9}", samples().get(0).getAs("answer"));
    assertTrue(samples().get(1).<String>getAs("error_message").contains("element 1"));
  }

  @Test
  void logProbabilitiesComeOnRequest() throws IOException {
    Cli.Result result =
        generate("{\"prompt\": \"1 + 1\"}\n", "--logprobs", "1", "--prompt-logprobs");
    assertEquals(0, result.code(), result.err());
    Row row = samples().get(0);
    assertEquals(List.of(-0.5f, -0.25f), row.getList(row.fieldIndex("logprobs")));
    assertNotNull(row.getAs("top_logprobs"));
    assertEquals(2, row.getList(row.fieldIndex("prompt_logprobs")).size());
  }

  @Test
  void jsonLinesHaveEveryKeyInEveryRow() throws IOException {
    Cli.Result result =
        generate("{\"prompt\": \"1 + 1\"}\n{\"prompt\": \"\"}\n", "--format", "jsonl");
    assertEquals(0, result.code(), result.err());
    List<Row> rows = Tables.json(folder.resolve("out/run/samples"), "id");
    assertEquals("\\boxed{2}", rows.get(0).getAs("answer"));
    assertEquals("error", rows.get(1).getAs("status"));
    try (var files = Files.list(folder.resolve("out/run/samples"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        for (String line : Files.readAllLines(file)) {
          assertTrue(line.contains("\"error_code\":"), line);
          assertTrue(line.contains("\"answer\":"), line);
        }
      }
    }
  }

  @Test
  void parquetIsReadAsItWasWritten() throws IOException {
    Path json =
        Files.writeString(
            folder.resolve("p.jsonl"),
            "{\"messages\": [{\"role\": \"user\", \"content\": \"2 + 2\"}]}\n");
    Path parquet = folder.resolve("p.parquet");
    Tables.with(
        spark -> {
          spark.read().json(json.toString()).write().parquet(parquet.toString());
          return null;
        });
    Cli.Result result = Cli.job("generate", folder.resolve("out"), "--input", parquet.toString());
    assertEquals(0, result.code(), result.err());
    assertEquals("\\boxed{4}", samples().get(0).getAs("answer"));
  }

  @Test
  void aPromptColumnThatCannotBeToldIsAMistake() throws IOException {
    Cli.Result none = generate("{\"text\": \"x\"}\n");
    assertEquals(2, none.code());
    assertTrue(none.err().contains("none of prompt, messages, token_ids but text"), none.err());
    Cli.Result two = generate("{\"prompt\": \"x\", \"token_ids\": [1]}\n");
    assertEquals(2, two.code());
    assertTrue(two.err().contains("prompt and token_ids"), two.err());
    assertEquals(0, generate("{\"text\": \"x\"}\n", "--set", "input.prompt_column=text").code());
  }
}
