package io.qwark.udf;

import static io.qwark.udf.LocalSpark.generation;
import static io.qwark.udf.LocalSpark.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.UserException;
import io.qwark.udf.testing.ScriptedFactory;
import io.qwark.udf.testing.ScriptedModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
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

  private static Dataset<Row> generated(Dataset<Row> rows, String model, InferenceOptions options) {
    return Inference.generate(
        rows, ScriptedFactory.named(model), options, InferenceMetrics.register(spark));
  }

  private static List<Row> generate(String model, int partitions, int n, String... prompts) {
    Dataset<Row> rows = LocalSpark.prompts(spark, partitions, prompts);
    return generated(rows, model, options(n, null)).collectAsList();
  }

  private static Set<String> texts(List<Row> rows) {
    return rows.stream()
        .map(row -> row.getInt(0) + ": " + generation(row).<String>getAs("text"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyRowInIsNRowsOutAndEachErrorStaysInItsRows() {
    String[] prompts = {
      "a", null, "", "fail=PROMPT_TOO_LONG", "fail=ENGINE_FAILURE", "throw", "die", "z"
    };
    List<Row> rows = generate("every row", 2, 3, prompts);

    Map<String, String> seen = new TreeMap<>();
    for (Row row : rows) {
      Row generation = generation(row);
      seen.put(
          row.getInt(0) + "/" + generation.getInt(0),
          generation.getString(1) + " " + generation.getString(2));
    }
    List<String> expected =
        List.of(
            "ok null",
            "error EMPTY_PROMPT",
            "error EMPTY_PROMPT",
            "error PROMPT_TOO_LONG",
            "error ENGINE_FAILURE",
            "error ENGINE_FAILURE",
            "error ENGINE_FAILURE",
            "ok null");
    assertEquals(24, rows.size());
    assertEquals(24, seen.size());
    seen.forEach((key, what) -> assertEquals(expected.get(key.charAt(0) - '0'), what, key));
  }

  @Test
  void anErrorRowSaysWhatHappenedAndHasNoOtherValues() {
    Row generation = generation(generate("error row", 1, 1, "fail=KV_CACHE_TOO_SMALL").get(0));

    assertEquals("as scripted", generation.<String>getAs("error_message"));
    IntStream.range(4, generation.size()).forEach(i -> assertNull(generation.get(i)));
  }

  @Test
  void aResultRowHasAllThatTheModelSaid() {
    InferenceOptions asked =
        new InferenceOptions(
            "prompt",
            PromptForm.TEXT,
            null,
            null,
            SamplingOptions.builder().seed(9L).logprobs(2).promptLogprobs(true).build(),
            1,
            null);
    Dataset<Row> rows = LocalSpark.prompts(spark, 1, "hello");
    Row generation = generation(generated(rows, "all values", asked).collectAsList().get(0));

    assertEquals(
        "[0,ok,null,null,stop,null,hello -> 0/9,hello -> 0/9,5,3,9,1.0,2.0,3.0]",
        head(generation, 14));
    assertEquals(List.of(5, 0, 7), generation.getList(14));
    assertEquals(List.of(-0.5f, -1f, -1.5f), generation.getList(15));
    List<scala.collection.Seq<Row>> top = generation.getList(16);
    assertEquals(3, top.size());
    assertEquals("[8,-2.0]", top.get(1).apply(1).toString());
    assertTrue(top.get(2).isEmpty());
    assertEquals(Arrays.asList(null, -3f), generation.getList(17));
  }

  private static String head(Row row, int size) {
    return IntStream.range(0, size)
        .mapToObj(i -> String.valueOf(row.get(i)))
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Test
  void logProbabilitiesAreNullUnlessAskedFor() {
    Row generation = generation(generate("no logprobs", 1, 1, "hello").get(0));

    assertEquals(List.of(5, 0, 7), generation.getList(14));
    IntStream.range(15, 18).forEach(i -> assertNull(generation.get(i)));
  }

  @Test
  void resultsAreTheSameForAnyPartitionsAndOrder() {
    String[] prompts = IntStream.range(0, 40).mapToObj(i -> "p" + i).toArray(String[]::new);
    Set<String> one = texts(generate("same", 1, 2, prompts));
    Dataset<Row> shuffled =
        LocalSpark.prompts(spark, 1, prompts).orderBy(functions.rand(3)).repartition(5);

    assertEquals(80, one.size());
    assertEquals(one, texts(generate("same", 3, 2, prompts)));
    assertEquals(one, texts(generate("same", 16, 2, prompts)));
    assertEquals(one, texts(generated(shuffled, "same", options(2, 1)).collectAsList()));
  }

  @Test
  void anErrorThatARowBringsAlongPassesThrough() {
    Dataset<Row> rows =
        LocalSpark.prompts(spark, 1, "good", "bad")
            .withColumn("wrong", functions.expr("if(id = 1, 'line 7 is no JSON', null)"));
    InferenceOptions options =
        new InferenceOptions(
            "prompt", PromptForm.TEXT, null, "wrong", SamplingOptions.unset(), 2, null);

    List<Row> bad = generated(rows, "error column", options).where("id = 1").collectAsList();
    assertEquals(2, bad.size());
    assertEquals("INVALID_PROMPT", generation(bad.get(1)).getString(2));
    assertEquals("line 7 is no JSON", generation(bad.get(1)).getString(3));
  }

  @Test
  void aTableWithoutAGoodRowNeedsNoModel() {
    assertEquals(2, generate("not needed", 1, 1, null, "").size());
    assertEquals(0, ScriptedModel.counts("not needed").loads.get());
  }

  @Test
  void nothingHappensBeforeTheTableIsUsed() {
    generated(LocalSpark.prompts(spark, 1, "a"), "lazy", options(1, null));
    assertEquals(0, ScriptedModel.counts("lazy").loads.get());
  }

  @Test
  void wrongSamplingParametersFailOnTheDriver() {
    SamplingOptions hot = SamplingOptions.builder().temperature(-1.0).build();
    InferenceOptions options =
        new InferenceOptions("prompt", PromptForm.TEXT, null, null, hot, 1, null);
    Dataset<Row> rows = LocalSpark.prompts(spark, 1, "a");

    UserException mistake =
        assertThrows(UserException.class, () -> generated(rows, "range", options));
    assertTrue(mistake.getMessage().contains("temperature"), mistake.getMessage());
  }

  @Test
  void aTableThatHasTheColumnAlreadyIsRefused() {
    Dataset<Row> rows = LocalSpark.prompts(spark, 1, "a").withColumnRenamed("id", "Generation");

    UserException mistake =
        assertThrows(UserException.class, () -> generated(rows, "taken", options(1, null)));
    assertTrue(mistake.getMessage().contains("generation"), mistake.getMessage());
  }
}
