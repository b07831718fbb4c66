package io.qwark.udf;

import static io.qwark.udf.LocalSpark.generation;
import static io.qwark.udf.LocalSpark.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.udf.testing.CardHolder;
import io.qwark.udf.testing.LocalCluster;
import io.qwark.udf.testing.ScriptedFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Two executors as processes of their own, each with an invented GPU. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
  private static final ScriptedFactory FACTORY = new ScriptedFactory("on cluster", 8, 500, null);

  private static LocalCluster cluster;

  private static SparkSession spark;
  private static Set<String> localTexts;

  @BeforeAll
  static void startCluster() throws Exception {
    spark = LocalSpark.start();
    localTexts = texts(generate(FACTORY, InferenceMetrics.register(spark)));
    spark.stop();

    cluster = LocalCluster.start(new LocalCluster.Size(2, "1g", true));
    startApplication(cluster.conf());
  }

  private static void startApplication(Map<String, String> conf) {
    SparkSession.Builder builder = SparkSession.builder().appName("udf cluster tests");
    conf.forEach(builder::config);
    spark = builder.getOrCreate();
  }

  @AfterAll
  static void stopCluster() throws Exception {
    spark.stop();
    if (cluster != null) {
      cluster.close();
    }
  }

  private static List<Row> generate(ScriptedFactory factory, InferenceMetrics metrics) {
    return generate(factory, metrics, null);
  }

  private static List<Row> generate(
      ScriptedFactory factory, InferenceMetrics metrics, GpuStage stage) {
    String[] prompts = IntStream.range(0, 64).mapToObj(i -> "delay=50 " + i).toArray(String[]::new);
    Dataset<Row> rows = LocalSpark.prompts(spark, 8, prompts);
    return Inference.generate(rows, factory, options(2, 4), metrics, stage).collectAsList();
  }

  private static Set<String> texts(List<Row> rows) {
    return rows.stream()
        .map(row -> row.getInt(0) + ": " + generation(row).<String>getAs("text"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachExecutorLoadsOneReplicaOnItsGpuAndResultsAreThoseOfOneProcess() {
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    List<Row> rows = generate(FACTORY, metrics);
    assertEquals(128, rows.size());
    assertEquals(128, localTexts.size());
    assertEquals(localTexts, texts(rows));
    assertEquals(
        List.of("0 1", "1 1"),
        metrics.replicas().stream().map(r -> r.executorId() + " " + r.number()).toList(),
        metrics.replicas()::toString);
    assertEquals(Set.of("cuda:0", "cuda:1"), devices(metrics));
  }

  private static Set<String> devices(InferenceMetrics metrics) {
    return metrics.replicas().stream().map(ReplicaLoad::device).collect(Collectors.toSet());
  }

  @Test
  void aUsersMistakeReachesTheDriverWithAllItsParts() {
    ScriptedFactory factory = new ScriptedFactory("absent", 8, 1000, "user");
    InferenceMetrics metrics = InferenceMetrics.register(spark);

    Exception failure = assertThrows(Exception.class, () -> generate(factory, metrics));
    UserException mistake = SparkErrors.userException(failure).orElseThrow();
    assertEquals("Cannot read absent", mistake.problem());
    assertEquals("line one\nline two: a \\ and a ü", mistake.reason());
    assertEquals("Look again", mistake.remedy());
  }

  /** An application of its own, with the settings of jobs. */
  @Test
  @Order(Integer.MAX_VALUE - 1)
  void anExecutorWhoseReplicaIsLostLosesNoRowAndDoesNotEndTheJob() {
    spark.stop();
    Map<String, String> conf = new HashMap<>(SparkSettings.recommended());
    conf.putAll(cluster.conf());
    startApplication(conf);
    // The replica on one card ends at any of these rows; nothing else differs.
    String[] prompts =
        IntStream.range(0, 96)
            .mapToObj(i -> (i % 4 == 0 ? "ruin=cuda:0 " : "") + "delay=50 " + i)
            .toArray(String[]::new);
    prompts[7] = "fail=ENGINE_STALLED";
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    Set<String> lost = executorsThatLoseTheirReplica();
    List<Row> rows =
        new ArrayList<>(
            Inference.generate(
                    LocalSpark.prompts(spark, 24, prompts),
                    ScriptedFactory.named("lost on one"),
                    options(2, 4),
                    metrics)
                .collectAsList());
    assertEquals(1, lost.size(), lost.toString());
    rows.sort(
        Comparator.comparingInt((Row row) -> row.getInt(0))
            .thenComparing(row -> generation(row).<Integer>getAs("sample_index")));
    assertEquals(192, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Row generation = generation(rows.get(i));
      String prompt = prompts[i / 2];
      String error = i / 2 == 7 ? "ENGINE_STALLED" : null;
      assertEquals(error, generation.getAs("error_code"), prompt);
      String start = i / 2 == 7 ? null : prompt + " -> " + i % 2 + "/";
      assertTrue(start == null || generation.<String>getAs("text").startsWith(start), prompt);
    }
    assertEquals(190, metrics.samplesOk());
    assertEquals(2, metrics.samplesError());
  }

  /** Grows as tasks end. */
  private static Set<String> executorsThatLoseTheirReplica() {
    Set<String> executors = ConcurrentHashMap.newKeySet();
    spark
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskEnd(SparkListenerTaskEnd end) {
                if (end.reason() instanceof ExceptionFailure failure
                    && failure.toErrorString().contains(" is lost: ruined as scripted; ")) {
                  executors.add(end.taskInfo().executorId());
                }
              }
            });
    return executors;
  }

  /** An application of its own, whose tasks have no GPU unless their stage asks for one. */
  @Test
  @Order(Integer.MAX_VALUE)
  void aStageOfItsOwnGetsTheGpusUnlessAnotherProcessHoldsThem() throws Exception {
    spark.stop();
    Map<String, String> conf = new HashMap<>(cluster.conf());
    conf.remove("spark.task.resource.gpu.amount");
    conf.put("spark.executorEnv.CUDA_VISIBLE_DEVICES", "9,1,0");
    conf.put("spark.qwark.gpu.lockTimeout", "1s");
    startApplication(conf);
    InferenceMetrics metrics = InferenceMetrics.register(spark);

    UserException unasked = assertThrows(UserException.class, () -> generate(FACTORY, metrics));
    assertTrue(unasked.reason().contains("no task is given a GPU"), unasked.reason());

    GpuStage stage = GpuStage.ofTasks(2);
    try (CardHolder holder = CardHolder.start(cluster.lockFolder(), "0", "process 7")) {
      Exception failure = assertThrows(Exception.class, () -> generate(FACTORY, metrics, stage));
      UserException taken = SparkErrors.userException(failure).orElseThrow();
      assertEquals("Cannot use the GPU 0", taken.problem());
      assertEquals("process 7 has a replica on it", taken.reason());
    }
    assertEquals(localTexts, texts(generate(FACTORY, metrics, stage)));
    assertEquals(Set.of("cuda:1", "cuda:2"), devices(metrics));
    assertEquals("refused", CardHolder.attempt(cluster.lockFolder(), "0"));
    assertEquals(List.of(), gpusOfOtherTasks());
  }

  private static List<String> gpusOfOtherTasks() {
    return spark
        .range(0, 8, 1, 4)
        .toJavaRDD()
        .flatMap(id -> TaskContext.get().resourcesJMap().keySet().iterator())
        .collect();
  }
}
