package io.qwark.udf;

import static io.qwark.udf.LocalSpark.generation;
import static io.qwark.udf.LocalSpark.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.udf.testing.ScriptedFactory;
import io.qwark.udf.testing.ScriptedModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a task does while its samples are under way. */
@Timeout(120)
class RunningTasksTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> generated(
      String model, InferenceMetrics metrics, int partitions, Integer inFlight, String... prompts) {
    return Inference.generate(
        LocalSpark.prompts(spark, partitions, prompts),
        ScriptedFactory.named(model),
        options(1, inFlight),
        metrics);
  }

  private static Dataset<Row> generated(
      String model, int partitions, Integer inFlight, String... prompts) {
    return generated(model, InferenceMetrics.register(spark), partitions, inFlight, prompts);
  }

  private static String[] repeat(int times, String prompt) {
    return IntStream.range(0, times).mapToObj(i -> prompt).toArray(String[]::new);
  }

  private static void waitUntil(BooleanSupplier condition, Supplier<?> what) throws Exception {
    long end = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "" + what.get());
      Thread.sleep(5);
    }
  }

  @Test
  void theWindowIsFilledAndNeverExceeded() {
    generated("window of 5", 1, 5, repeat(60, "delay=3")).collect();
    assertEquals(5, ScriptedModel.counts("window of 5").mostUnderWay.get());
  }

  @Test
  void theWindowIsAsWideAsTheReplicaUnlessSaidOtherwise() {
    int width = ScriptedFactory.named("any").maxNumSeqs();
    generated("window of replica", 1, null, repeat(60, "delay=20")).collect();
    assertEquals(width, ScriptedModel.counts("window of replica").mostUnderWay.get());
  }

  @Test
  void aLongSampleHoldsNobodyUp() {
    Dataset<Row> rows =
        spark.sql(
            "select id as n, if(id = 0, 'after=100', concat('delay=1 ', id)) as prompt"
                + " from range(0, 101, 1, 1)");
    List<Row> out =
        Inference.generate(
                rows,
                ScriptedFactory.named("long one"),
                options(1, 2),
                InferenceMetrics.register(spark))
            .collectAsList();

    assertEquals(101, out.size());
    // It finishes after all others: a barrier, or results in the order of submission, would hang.
    assertEquals(0L, out.get(100).getLong(0));
  }

  @Test
  void whatIsUnderWayIsCancelledWhenTheConsumerStops() throws Exception {
    String[] prompts = repeat(6, "never");
    prompts[3] = "quick";
    Row first = generated("stops early", 1, null, prompts).limit(1).collectAsList().get(0);

    assertEquals("ok", generation(first).getString(1));
    ScriptedModel.Counts counts = ScriptedModel.counts("stops early");
    waitUntil(() -> counts.cancelled.get() == 5, () -> counts.cancelled);
    assertEquals(0, counts.underWay.get());
  }

  @Test
  void aCancelledJobEndsSoonAndCancelsItsSamples() throws Exception {
    ScriptedModel.Counts counts = ScriptedModel.counts("cancelled job");
    Dataset<Row> endless = generated("cancelled job", 2, null, repeat(8, "never"));
    try (JobScope scope = JobScope.open(spark, "Wait for ever")) {
      CompletableFuture<Void> cancel =
          CompletableFuture.runAsync(
              () -> {
                try {
                  waitUntil(() -> counts.underWay.get() == 8, () -> counts.underWay);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                } finally {
                  scope.cancel();
                }
              });
      assertThrows(Exception.class, endless::collect);
      cancel.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }
    waitUntil(() -> counts.underWay.get() == 0, () -> counts.underWay);
    assertEquals(8, counts.cancelled.get());
  }

  @Test
  void aTaskThatFailsCancelsItsSamples() throws Exception {
    Dataset<Row> rows =
        generated("failing task", 1, null, "never", "never", "quick")
            .selectExpr("raise_error(prompt)");
    assertThrows(Exception.class, rows::collect);

    ScriptedModel.Counts counts = ScriptedModel.counts("failing task");
    waitUntil(() -> counts.cancelled.get() == 2, () -> counts.cancelled);
  }

  @Test
  void aReplicaThatIsClosedFailsTheTaskAndNotTheRows() {
    Dataset<Row> rows = generated("closed", 1, null, "fail=CANCELLED");
    Exception failure = assertThrows(Exception.class, rows::collect);
    assertTrue(
        failure.toString().contains("The replica was closed")
            || String.valueOf(failure.getCause()).contains("The replica was closed"),
        failure.toString());
  }

  @Test
  void progressIsSeenWhileTasksRunAndEndsAtTheMetrics() throws Exception {
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    String[] prompts = repeat(12, "abc");
    prompts[0] = null;
    prompts[1] = "delay=100000";
    Dataset<Row> rows = generated("progress", metrics, 2, null, prompts);
    try (ProgressListener progress = ProgressListener.start(spark, metrics);
        JobScope scope = JobScope.open(spark, "Be looked at")) {
      assertEquals(new Progress(0, 0, 0, 0, 0, 0, 0), progress.snapshot());

      CompletableFuture<Object> running = CompletableFuture.supplyAsync(rows::collect);
      Progress almost = new Progress(12, 10, 1, 30, 30, 0, 1);
      waitUntil(() -> progress.snapshot().equals(almost), progress::snapshot);
      assertEquals(11, almost.samplesDone());

      spark.sparkContext().cancelAllJobs();
      assertThrows(ExecutionException.class, () -> running.get(30, TimeUnit.SECONDS));
      scope.cancel();
    }
  }

  @Test
  void finishedTasksCountOnce() throws Exception {
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    String[] prompts = repeat(12, "delay=400");
    prompts[11] = "";
    try (ProgressListener progress = ProgressListener.start(spark, metrics)) {
      generated("counted", metrics, 6, 1, prompts).collect();
      Progress all = new Progress(12, 11, 1, 99, 33, 0, 1);
      waitUntil(() -> progress.snapshot().equals(all), progress::snapshot);
      assertEquals(12, metrics.rows());
      assertEquals(11, metrics.samplesOk());
      assertEquals(1, metrics.samplesError());
      assertEquals(99, metrics.promptTokens());
      assertEquals(33, metrics.completionTokens());
      assertEquals(1, metrics.replicas().size());
      // Heartbeats that come late must not add to it.
      Thread.sleep(1500);
      assertEquals(all, progress.snapshot());
    }
  }
}
