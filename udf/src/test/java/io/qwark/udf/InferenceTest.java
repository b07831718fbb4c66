package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.engine.api.SamplingOptions;
import io.qwark.udf.testing.ScriptedFactory;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InferenceTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static InferenceOptions options(int n, Integer maxInFlight) {
    return new InferenceOptions(
        "prompt", PromptForm.TEXT, null, null, SamplingOptions.unset(), n, maxInFlight);
  }

  private static List<Row> generate(String model, int partitions, int n, String... prompts) {
    return Inference.generate(
            LocalSpark.prompts(spark, partitions, prompts),
            ScriptedFactory.named(model),
            options(n, null),
            InferenceMetrics.register(spark))
        .collectAsList();
  }

  private static Row generation(Row row) {
    return row.getStruct(row.size() - 1);
  }

  @Test
  void everyRowInIsNRowsOut() {
    String[] prompts = {"a", null, "", "fail=PROMPT_TOO_LONG", "throw", "die", "z"};
    List<Row> rows = generate("every row", 2, 3, prompts);

    Set<String> seen =
        rows.stream()
            .map(row -> row.getInt(0) + "/" + generation(row).getInt(0))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(21, rows.size());
    assertEquals(21, seen.size());
  }

  @Test
  void resultsAreTheSameForAnyPartitionsAndOrder() {
    String[] prompts = IntStream.range(0, 40).mapToObj(i -> "p" + i).toArray(String[]::new);
    Set<String> one = texts(generate("same", 1, 2, prompts));
    assertEquals(80, one.size());
    assertEquals(one, texts(generate("same", 3, 2, prompts)));
    assertEquals(one, texts(generate("same", 16, 2, prompts)));
  }

  private static Set<String> texts(List<Row> rows) {
    return rows.stream()
        .map(row -> row.getInt(0) + ": " + generation(row).<String>getAs("text"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
