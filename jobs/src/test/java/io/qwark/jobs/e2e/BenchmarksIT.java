package io.qwark.jobs.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published benchmarks run by configuration alone; the tiny model fails them, which is fine. */
@Timeout(600)
class BenchmarksIT {
  @TempDir private static Path folder;
  private static Checkout checkout;

  @BeforeAll
  static void layOut() throws Exception {
    checkout = Checkout.layOut(folder);
  }

  // AIME has 30 problems a year.
  @ParameterizedTest
  @CsvSource({"aime25, 100, 30", "aime24, 100, 30", "gsm8k, 10, 10"})
  void runsByConfigurationAlone(String name, int limit, int problems) throws Exception {
    Path dataset = Path.of(System.getProperty("qwark.shared"), "data", name + ".jsonl");
    assumeTrue(Files.exists(dataset), () -> dataset + " is not there");
    Checkout.Finished finished =
        checkout.submit(
            "evaluate",
            "--config",
            checkout.conf(name + ".yaml"),
            "--dataset",
            dataset.toAbsolutePath().toString(),
            "--model",
            Checkout.MODEL.toString(),
            "--samples",
            "1",
            "--max-tokens",
            "8",
            "--limit",
            Integer.toString(limit),
            "--run-id",
            name);
    assertEquals(0, finished.status(), finished.err());
    assertTrue(finished.out().contains("avg@1"), finished.out());

    Run run = new Run(checkout.runs().resolve(name));
    List<Row> rows = run.rows("samples");
    assertEquals(problems, rows.size());
    assertEquals(problems, rows.stream().map(row -> row.getAs("id")).distinct().count());
    for (Row row : rows) {
      assertEquals("ok", row.getAs("status"), row.<String>getAs("error_message"));
      String expected = row.getAs("expected_answer");
      assertTrue(expected.matches("-?[0-9,]+"), expected);
      assertTrue(row.<Integer>getAs("completion_tokens") <= 8);
    }
    assertEquals(problems, run.json("summary.json").at("/problems").asInt());
    String report = Files.readString(run.folder().resolve("report.html"));
    assertTrue(report.contains("avg@1"));
    try (Stream<Path> files = Files.list(run.folder())) {
      assertEquals(
          List.of("report.html", "run.json", "samples", "summary.json"),
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> !file.startsWith("."))
              .sorted()
              .toList());
    }
  }
}
