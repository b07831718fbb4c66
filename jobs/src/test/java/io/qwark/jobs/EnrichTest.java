package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrichTest {
  @TempDir Path folder;

  private Cli.Result enrich(String... arguments) {
    return Cli.job("enrich", folder.resolve("out"), arguments);
  }

  private List<Row> table(String order) {
    return Tables.parquet(folder.resolve("out/run/table"), order);
  }

  @Test
  void addsColumnsAndKeepsTheOthersWithTheirTypes() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("t.jsonl"),
            """
            {"x": 1, "y": 2, "more": {"z": [1.5]}}
            {"x": 3, "y": null}
            {"x": 5, "y
            """);
    Cli.Result result =
        enrich("--input", input.toString(), "--template", "{x} + {y}", "--output-column", "sum");
    assertEquals(0, result.code(), result.err());
    List<Row> rows = table("x");
    assertEquals(
        List.of(
            "more",
            "x",
            "y",
            "sum",
            "sum_reasoning",
            "sum_finish_reason",
            "sum_status",
            "sum_error_code",
            "sum_error_message"),
        List.of(rows.get(0).schema().fieldNames()));
    assertEquals(DataTypes.LongType, rows.get(0).schema().apply("x").dataType());
    assertNull(rows.get(0).getAs("x"));
    assertTrue(
        rows.get(0).<String>getAs("sum_error_message").startsWith("the row cannot be read: "));
    assertEquals("\\boxed{3}", rows.get(1).getAs("sum"));
    assertNull(rows.get(2).getAs("sum"));
    assertEquals("error", rows.get(2).getAs("sum_status"));
    assertEquals("the column `y` is empty", rows.get(2).getAs("sum_error_message"));
  }

  @Test
  void readsCsvWithAColumnOfSeveralWords() throws IOException {
    Path input = Files.writeString(folder.resolve("t.csv"), "the sum,k\n2 + 5,a\n");
    Cli.Result result = enrich("--input", input.toString(), "--template", "{the sum}");
    assertEquals(0, result.code(), result.err());
    assertEquals("\\boxed{7}", table("k").get(0).getAs("generated"));
  }

  @Test
  void anUnknownColumnInTheTemplateIsAMistake() throws IOException {
    Path input = Files.writeString(folder.resolve("t.csv"), "title,k\nx,a\n");
    Cli.Result result = enrich("--input", input.toString(), "--template", "{titel}");
    assertEquals(2, result.code());
    assertTrue(result.err().contains("{titel}"), result.err());
    assertTrue(result.err().contains("Write `title` if that is meant"), result.err());
  }

  @Test
  void aTemplateWithoutAColumnIsAMistake() throws IOException {
    Path input = Files.writeString(folder.resolve("t.csv"), "title,k\nx,a\n");
    Cli.Result result = enrich("--input", input.toString(), "--template", "hello");
    assertEquals(2, result.code());
    assertTrue(result.err().contains("{title}"), result.err());
  }

  @Test
  void anOutputColumnThatIsThereAlreadyIsAMistake() throws IOException {
    Path input = Files.writeString(folder.resolve("t.csv"), "title,k\nx,a\n");
    Cli.Result result =
        enrich("--input", input.toString(), "--template", "{title}", "--output-column", "K");
    assertEquals(2, result.code());
    assertTrue(result.err().contains("Cannot add the column `k`"), result.err());
  }

  @Test
  void anUnknownTableIsAMistake() {
    Cli.Result result = enrich("--table", "nowhere", "--template", "{title}");
    assertEquals(2, result.code(), result.err());
    assertTrue(result.err().contains("Spark knows no such table"), result.err());
  }
}
