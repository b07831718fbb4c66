package io.qwark.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.ConfigFile;
import io.qwark.jobs.config.DatasetConfig;
import io.qwark.jobs.config.EvaluateConfig;
import io.qwark.jobs.config.Setting;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchmarkTest extends SparkTest {
  @TempDir Path folder;

  private static DatasetConfig dataset(Path path, String... settings) {
    return ConfigFile.load(
            null,
            Stream.concat(
                    Stream.of(Setting.of("--dataset", "dataset.path", path.toString())),
                    List.of(settings).stream().map(s -> Setting.parse("dataset." + s)))
                .toList(),
            EvaluateConfig.DEFAULTS)
        .dataset();
  }

  private static List<Row> rows(Path path, String... settings) {
    return Benchmark.read(spark, dataset(path, settings)).rows().collectAsList();
  }

  private static UserException mistake(Path path, String... settings) {
    return assertThrows(UserException.class, () -> rows(path, settings));
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private static String problem(int i) {
    return "{\"problem\": \"p" + i + "\", \"expected_answer\": " + i + "}";
  }

  private static void checkTwo(List<Row> rows) {
    assertEquals(
        List.of("[0,one,one,1,null]", "[1,two, \"2\",two, \"2\",2,null]"),
        rows.stream().map(Row::toString).toList());
  }

  @Test
  void readsJsonLines() throws IOException {
    checkTwo(
        rows(
            file(
                "a.jsonl",
                "{\"problem\": \"one\", \"expected_answer\": 1}",
                "",
                "{\"problem\": \"two, \\\"2\\\"\", \"expected_answer\": \"2\"}")));
  }

  @Test
  void readsCompressedJsonLines() throws IOException {
    Path file = folder.resolve("a.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write((problem(0) + "\n" + problem(1) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(List.of("p0", "p1"), rows(file).stream().map(r -> r.getString(1)).toList());
  }

  @Test
  void readsAJsonArrayOverSeveralLines() throws IOException {
    checkTwo(
        rows(
            file(
                "a.json",
                "[ {\"problem\": \"one\",",
                "\"expected_answer\": 1},",
                "{\"problem\": \"two, \\\"2\\\"\", \"expected_answer\": \"2\"} ]")));
  }

  @Test
  void readsCsvWithQuotedCommas() throws IOException {
    checkTwo(rows(file("a.csv", "problem,expected_answer", "one,1", "\"two, \"\"2\"\"\",2")));
  }

  @Test
  void readsParquet() throws IOException {
    Path json =
        file(
            "a.jsonl",
            "{\"problem\": \"one\", \"expected_answer\": 1}",
            "{\"problem\": \"two, \\\"2\\\"\", \"expected_answer\": 2}");
    Path parquet = folder.resolve("a.parquet");
    spark.read().json(json.toString()).coalesce(1).write().parquet(parquet.toString());
    checkTwo(rows(parquet));
  }

  @Test
  void numbersKeepTheirDigits() throws IOException {
    Path file =
        file(
            "a.jsonl",
            "{\"problem\": 1.10, \"expected_answer\": 12345678901234567890123}",
            "{\"problem\": \"x\", \"expected_answer\": \"033\"}");
    assertEquals(
        List.of("12345678901234567890123", "033"),
        rows(file).stream().map(r -> r.getString(3)).toList());
    assertEquals("1.10", rows(file).get(0).getString(1));
  }

  @Test
  void rowsAreNumberedInFileOrderHoweverTheyAreSplit() throws IOException {
    Files.createDirectory(folder.resolve("d"));
    // The second file is the larger one: Spark's own readers would take it first.
    file(
        "d/a.jsonl",
        IntStream.range(0, 10).mapToObj(BenchmarkTest::problem).toArray(String[]::new));
    file(
        "d/b.jsonl",
        IntStream.range(10, 200).mapToObj(BenchmarkTest::problem).toArray(String[]::new));
    file("d/_ignored.jsonl", "not json");
    List<Row> rows = rows(folder.resolve("d"));
    assertEquals(200, rows.size());
    rows.forEach(row -> assertEquals("p" + row.getString(0), row.getString(1)));

    spark.sparkContext().hadoopConfiguration().setInt("mapred.max.split.size", 100);
    spark
        .sparkContext()
        .hadoopConfiguration()
        .setInt("mapreduce.input.fileinputformat.split.maxsize", 100);
    rows(folder.resolve("d/*.jsonl").getParent().resolve("[ab].jsonl"))
        .forEach(row -> assertEquals("p" + row.getString(0), row.getString(1)));
  }

  @Test
  void csvAndParquetFilesAreNumberedInTheOrderOfTheirNames() throws IOException {
    Files.createDirectory(folder.resolve("c"));
    file("c/a.csv", "problem,expected_answer", "p0,0", "p1,1");
    file(
        "c/b.csv",
        "problem,expected_answer\n"
            + IntStream.range(2, 50)
                .mapToObj(i -> "p" + i + "," + i)
                .collect(Collectors.joining("\n")));
    rows(folder.resolve("c"), "format=csv")
        .forEach(row -> assertEquals("p" + row.getString(0), row.getString(1)));
    spark
        .read()
        .option("header", true)
        .csv(folder.resolve("c").toString())
        .repartition(3)
        .write()
        .parquet(folder.resolve("p").toString());
    List<Row> first = rows(folder.resolve("p"));
    List<Row> again = rows(folder.resolve("p"));
    assertEquals(50, first.stream().map(r -> r.getString(0)).distinct().count());
    assertEquals(texts(first), texts(again));
  }

  private static Set<String> texts(List<Row> rows) {
    return rows.stream().map(Row::toString).collect(Collectors.toSet());
  }

  @Test
  void badLinesBecomeRowsThatSayWhatIsWrong() throws IOException {
    Path file =
        file(
            "a.jsonl",
            problem(0),
            "{\"problem\": ",
            "[1]",
            "{\"expected_answer\": 1}",
            "{\"problem\": \"  \", \"expected_answer\": 1}",
            "{\"problem\": \"x\", \"expected_answer\": null}",
            problem(6) + " trailing");
    List<Row> rows = rows(file);
    assertEquals(7, rows.size());
    assertNull(rows.get(0).getString(4));
    assertTrue(
        rows.get(1)
            .getString(4)
            .startsWith("line 2 of a.jsonl cannot be read: it is not valid JSON"),
        rows.get(1).getString(4));
    assertEquals("#1", rows.get(1).getString(0));
    assertEquals(
        "line 3 of a.jsonl cannot be read: it is not a JSON object", rows.get(2).getString(4));
    assertEquals(
        "line 4 of a.jsonl cannot be used: the column `problem` is empty",
        rows.get(3).getString(4));
    assertEquals(
        "line 5 of a.jsonl cannot be used: the column `problem` is empty",
        rows.get(4).getString(4));
    assertEquals(
        "line 6 of a.jsonl cannot be used: the column `expected_answer` is empty",
        rows.get(5).getString(4));
    assertTrue(rows.get(6).getString(4).contains("line 7"), rows.get(6).getString(4));
  }

  @Test
  void aCsvRowThatDoesNotFitTheHeaderIsBad() throws IOException {
    List<Row> rows = rows(file("a.csv", "problem,expected_answer", "one,1", "two,2,3", "three,3"));
    assertEquals(
        "row 2 of a.csv cannot be read: it does not fit the header", rows.get(1).getString(4));
    assertEquals(List.of("one", "three"), List.of(rows.get(0).get(1), rows.get(2).get(1)));
  }

  @Test
  void theLimitTakesTheFirstRows() throws IOException {
    Path file =
        file(
            "a.jsonl",
            IntStream.range(0, 30).mapToObj(BenchmarkTest::problem).toArray(String[]::new));
    assertEquals(
        List.of("0", "1", "2"), rows(file, "limit=3").stream().map(r -> r.getString(0)).toList());
  }

  @Test
  void anAnswerPatternTakesItsGroup() throws IOException {
    Path file =
        file(
            "a.jsonl",
            "{\"problem\": \"x\", \"expected_answer\": \"so 1 and\\n#### 1,234 \"}",
            "{\"problem\": \"y\", \"expected_answer\": \"none\"}");
    List<Row> rows = rows(file, "answer_pattern=#### (.+)$");
    assertEquals("1,234", rows.get(0).getString(3));
    assertTrue(rows.get(1).getString(4).contains("does not match"), rows.get(1).getString(4));
  }

  @ParameterizedTest
  @CsvSource({"'#### .+', it has 0 groups", "(a)(b), it has 2 groups", "(a, Unclosed group near"})
  void anAnswerPatternNeedsOneGroup(String pattern, String reason) throws IOException {
    UserException e = mistake(file("a.jsonl", problem(0)), "answer_pattern=" + pattern);
    assertTrue(e.reason().startsWith(reason), e.reason());
  }

  @Test
  void aMissingFileIsAMistake() {
    UserException e = mistake(folder.resolve("absent.jsonl"));
    assertTrue(e.problem().endsWith("absent.jsonl"), e.problem());
    assertTrue(e.reason().startsWith("there is no such file or folder"), e.reason());
  }

  @Test
  void anEmptyDatasetIsAMistake() throws IOException {
    assertEquals("it has no rows", mistake(file("a.jsonl", "", "  ")).reason());
    assertEquals("it has no rows", mistake(file("a.json", "[]")).reason());
    assertEquals("it has no rows", mistake(file("a.csv", "problem,expected_answer")).reason());
    assertEquals(
        "it has no rows", mistake(Files.writeString(folder.resolve("b.jsonl"), "")).reason());
  }

  @Test
  void aDatasetOfOnlyBadRowsIsAMistake() throws IOException {
    UserException e = mistake(file("a.jsonl", "x", "y"));
    assertTrue(e.reason().startsWith("none of its 2 rows can be read; line 1 of"), e.reason());
    UserException empty = mistake(file("b.jsonl", "{\"problem\": \"\", \"expected_answer\": 1}"));
    assertTrue(empty.reason().startsWith("none of its 1 rows can be used"), empty.reason());
  }

  @Test
  void aBrokenJsonArrayIsAMistakeWithItsLine() throws IOException {
    Path file = file("a.json", "[" + problem(0) + ",", "{\"problem\": ]");
    Exception e = assertThrows(Exception.class, () -> rows(file));
    UserException mistake = io.qwark.udf.SparkErrors.userException(e).orElseThrow();
    assertTrue(mistake.reason().startsWith("line 2 is not valid JSON"), mistake.reason());
  }

  @Test
  void aMissingColumnIsNamedWithTheNearest() throws IOException {
    Path file = file("a.jsonl", problem(0));
    UserException e = mistake(file, "prompt_column=problems");
    assertTrue(e.problem().contains("`problems` (`dataset.prompt_column`)"), e.problem());
    assertEquals("Set `dataset.prompt_column` to `problem` if that is meant", e.remedy());
    assertTrue(mistake(file, "id_column=uid").problem().contains("dataset.id_column"));
    assertTrue(mistake(file, "answer_column=gold").problem().contains("dataset.answer_column"));
    assertTrue(mistake(file, "prompt_template={probelm}").problem().contains("{probelm}"));
  }

  @Test
  void repeatedIdsAreAMistakeWithExamples() throws IOException {
    Path file =
        file(
            "a.jsonl",
            "{\"id\": 1, \"problem\": \"x\", \"expected_answer\": 1}",
            "{\"id\": \"1\", \"problem\": \"y\", \"expected_answer\": 1}",
            "{\"id\": 2, \"problem\": \"z\", \"expected_answer\": 1}");
    assertEquals("ids are not unique: 1 (2 times)", mistake(file, "id_column=id").reason());
  }

  @ParameterizedTest
  @CsvSource({"a.txt,,Cannot tell the format", "a.jsonl,jsonll,Cannot read the format"})
  void anUnknownFormatIsAMistake(String name, String format, String problem) throws IOException {
    Path file = file(name, problem(0));
    UserException e = format == null ? mistake(file) : mistake(file, "format=" + format);
    assertTrue(e.problem().startsWith(problem), e.problem());
  }

  // Counts and first answers as the files have them: aime24 and aime25 30 each, gsm8k 1319.
  @ParameterizedTest
  @CsvSource({"aime24,30,73,721", "aime25,30,70,240", "gsm8k,1319,18,"})
  void knownBenchmarksLoadByConfigurationAlone(String name, int count, String first, String last) {
    Path data = Path.of(System.getProperty("qwark.shared"), "data", name + ".jsonl");
    assumeTrue(Files.exists(data), "There is no " + data);
    DatasetConfig config =
        ConfigFile.load(
                Path.of(System.getProperty("qwark.root"), "conf", name + ".yaml"),
                List.of(Setting.of("--dataset", "dataset.path", data.toString())),
                EvaluateConfig.DEFAULTS)
            .dataset();
    PromptTable table = Benchmark.read(spark, config);
    assertEquals(count, table.count());
    assertEquals(0, table.bad());
    List<Row> rows = table.rows().collectAsList();
    assertEquals(first, rows.get(0).getString(3));
    if (last != null) {
      assertEquals(last, rows.get(count - 1).getString(3));
    }
    assertTrue(
        rows.get(0).getString(2).endsWith("put your final answer within \\boxed{}."),
        rows.get(0).getString(2));
  }
}
