package io.qwark.udf;

import static io.qwark.udf.LocalSpark.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.udf.testing.ScriptedFactory;
import io.qwark.udf.testing.ScriptedModel;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ReplicaLoadingTest {
  private final InferenceMetrics[] metrics = new InferenceMetrics[1];
  private SparkSession spark;

  @BeforeEach
  void start() {
    spark = LocalSpark.start();
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  private Dataset<Row> generated(ScriptedFactory factory) {
    return generated(factory, "a", "b", "c", "d", "e", "f", "g", "h");
  }

  private Dataset<Row> generated(ScriptedFactory factory, String... prompts) {
    metrics[0] = InferenceMetrics.register(spark);
    return Inference.generate(
        LocalSpark.prompts(spark, 8, prompts), factory, options(1, null), metrics[0]);
  }

  @Test
  void allTasksShareOneReplica() {
    generated(new ScriptedFactory("shared", 8, 300, null)).collect();
    generated(new ScriptedFactory("shared", 8, 300, null)).collect();

    assertEquals(1, ScriptedModel.counts("shared").loads.get());
    List<ReplicaLoad> loads = metrics[0].replicas();
    assertEquals(1, loads.size());
    assertEquals("driver", loads.get(0).executorId());
    assertEquals("cpu", loads.get(0).device());
    assertEquals("shared", loads.get(0).model().path());
    assertTrue(loads.get(0).loadMs() >= 300, loads.toString());
  }

  @Test
  void theReplicaIsClosedWithTheApplication() {
    generated(ScriptedFactory.named("to close")).collect();
    assertEquals(0, ScriptedModel.counts("to close").closes.get());
    spark.stop();
    assertEquals(1, ScriptedModel.counts("to close").closes.get());
  }

  @Test
  void aModelThatTheUserMustMendIsTriedOnceAStage() {
    for (int action = 1; action <= 2; action++) {
      Dataset<Row> rows = generated(new ScriptedFactory("absent", 8, 100, "user"));
      Exception failure = assertThrows(Exception.class, rows::collect);
      UserException mistake = SparkErrors.userException(failure).orElseThrow();
      assertEquals("Cannot read absent", mistake.problem());
      assertEquals("line one\nline two: a \\ and a ü", mistake.reason());
      assertEquals("Look again", mistake.remedy());
      assertEquals(action, ScriptedModel.counts("absent").loads.get());
    }
  }

  @Test
  void anyOtherFailureToLoadSaysWhatWasAttempted() {
    Dataset<Row> rows = generated(new ScriptedFactory("broken", 8, 0, "bug"));
    Exception failure = assertThrows(Exception.class, rows::collect);

    assertFalse(SparkErrors.userException(failure).isPresent());
    String text = failure + " " + failure.getCause();
    assertTrue(text.contains("Cannot load a replica on cpu"), text);
    assertTrue(text.contains("no such library"), text);
    assertEquals(1, ScriptedModel.counts("broken").loads.get());
  }

  @Test
  void whatHappensToAReplicaCountsOnceHoweverManyTasksSawIt() {
    ScriptedFactory factory = ScriptedFactory.named("restarted");
    generated(factory, "restart", "restart", "exhaust", "a").collect();
    assertEquals(2, metrics[0].restarts(metrics[0].replicas().get(0)));
    assertEquals(1, metrics[0].outOfMemory(metrics[0].replicas().get(0)));

    generated(factory).collect();
    assertEquals(0, metrics[0].restarts(metrics[0].replicas().get(0)), "none in this job");
    assertEquals(0, metrics[0].outOfMemory(metrics[0].replicas().get(0)), "none in this job");
  }

  @Test
  void aReplicaThatIsLostFailsItsTasksAndIsReplacedInTheNextStage() {
    ScriptedFactory factory = ScriptedFactory.named("ruined");
    Dataset<Row> rows = generated(factory, "a", "ruin=cpu", "b", "delay=50");
    Exception failure = assertThrows(Exception.class, rows::collect);
    assertFalse(SparkErrors.userException(failure).isPresent());
    String text = failure + " " + failure.getCause();
    assertTrue(
        text.contains("The replica on cpu of executor driver is lost: ruined as scripted; "), text);
    assertTrue(text.contains("spark.excludeOnFailure.enabled=true"), text);
    assertEquals(1, ScriptedModel.counts("ruined").loads.get());

    generated(factory).collect();
    assertEquals(2, ScriptedModel.counts("ruined").loads.get());
    spark.stop();
    assertEquals(2, ScriptedModel.counts("ruined").closes.get());
  }

  @Test
  void aRowOverWhichTheEngineStallsIsOneErrorRow() {
    ScriptedFactory factory = ScriptedFactory.named("poisoned");
    List<Row> rows =
        generated(factory, "a", "fail=ENGINE_STALLED", "b", "c").sort("id").collectAsList();
    assertEquals(
        Arrays.asList(null, "ENGINE_STALLED", null, null),
        rows.stream().map(row -> LocalSpark.generation(row).getString(2)).toList());
  }
}
