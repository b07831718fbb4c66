package io.qwark.jobs.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.udf.testing.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One seed, one result: however many partitions, in whatever order the problems come, in the
 * driver's process or on a cluster's executors. Samples are drawn at the model's own temperature,
 * so that any random number out of place shows.
 */
@Timeout(600)
class SameResultsIT {
  private static final int PROBLEMS = 40;
  private static final int FEWER_PROBLEMS = 10;
  private static final int SAMPLES = 2;

  @TempDir private static Path folder;
  private static Checkout checkout;
  private static Path inOrder;
  private static Path shuffled;
  private static SortedMap<String, Run.Sample> expected;

  @BeforeAll
  static void evaluateInOnePartition() throws Exception {
    checkout = Checkout.layOut(folder);
    List<String> problems = Files.readAllLines(Checkout.PROBLEMS).stream().limit(PROBLEMS).toList();
    inOrder = Files.write(folder.resolve("problems.jsonl"), problems);
    shuffled = shuffled("shuffled.jsonl", problems);
    expected = evaluate("one-partition", inOrder, "--partitions", "1").samples();
    assertEquals(PROBLEMS * SAMPLES, expected.size());
    assertTrue(expected.values().stream().allMatch(sample -> sample.status().equals("ok")));
    Set<Object> texts = new TreeSet<>(expected.values().stream().map(Run.Sample::text).toList());
    assertTrue(texts.size() > PROBLEMS, "samples of a problem differ from each other");
  }

  private static Path shuffled(String name, List<String> problems) throws IOException {
    List<String> lines = new ArrayList<>(problems);
    Collections.shuffle(lines, new Random(7));
    return Files.write(folder.resolve(name), lines);
  }

  private static Run evaluate(String id, Path dataset, String... more) throws Exception {
    return evaluate(List.of(), id, dataset, more);
  }

  private static Run evaluate(List<String> sparkOptions, String id, Path dataset, String... more)
      throws Exception {
    List<String> arguments = new ArrayList<>(sparkOptions);
    Collections.addAll(arguments, "evaluate", "--config", checkout.conf("quickstart.yaml"));
    Collections.addAll(arguments, "--dataset", dataset.toString(), "--run-id", id);
    Collections.addAll(arguments, "--samples", Integer.toString(SAMPLES));
    Collections.addAll(arguments, "--max-tokens", "100");
    Collections.addAll(arguments, more);
    Checkout.Finished finished = checkout.submit(arguments);
    assertEquals(0, finished.status(), finished.err());
    return new Run(checkout.runs().resolve(id));
  }

  @Test
  void threePartitionsOfShuffledProblemsGiveTheSameSamples() throws Exception {
    Run run = evaluate("three-shuffled", shuffled, "--partitions", "3");
    assertEquals(3, run.json("run.json").at("/spark/partitions").asInt());
    assertEquals(expected, run.samples());
  }

  @Test
  void sixteenPartitionsGiveTheSameSamples() throws Exception {
    Run run = evaluate("sixteen", inOrder, "--partitions", "16");
    assertEquals(16, run.json("run.json").at("/spark/partitions").asInt());
    assertEquals(expected, run.samples());
  }

  @Test
  void anotherSeedGivesOtherSamples() throws Exception {
    // Only because of this do the other tests show anything.
    Path one = Files.writeString(folder.resolve("few.jsonl"), firstLines(4));
    SortedMap<String, Run.Sample> other = evaluate("other-seed", one, "--seed", "12").samples();
    assertEquals(8, other.size());
    assertTrue(
        other.keySet().stream()
            .anyMatch(key -> !other.get(key).tokenIds().equals(expected.get(key).tokenIds())));
  }

  private static String firstLines(int count) throws IOException {
    return String.join("\n", Files.readAllLines(inOrder).subList(0, count)) + "\n";
  }

  @Test
  void float32GivesTheSameSamplesHoweverItIsSpread() throws Exception {
    Path few = Files.writeString(folder.resolve("fewer.jsonl"), firstLines(FEWER_PROBLEMS));
    Path fewShuffled = shuffled("fewer-shuffled.jsonl", Files.readAllLines(few));
    String[] float32 = {"--quantization", "float32", "--partitions", "1"};
    Run one = evaluate("float32-one", few, float32);
    assertEquals("float32", one.json("run.json").at("/model/quantization").asText());
    float32[3] = "3";
    SortedMap<String, Run.Sample> three = evaluate("float32-three", fewShuffled, float32).samples();
    assertEquals(FEWER_PROBLEMS * SAMPLES, three.size());
    assertEquals(one.samples(), three);
    float32[3] = "16";
    assertEquals(three, evaluate("float32-sixteen", few, float32).samples());
  }

  @Test
  void oneOrTwoExecutorsOfAClusterGiveTheSamplesOfALocalRun() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(new LocalCluster.Size(1, "1g", false))) {
      Run two = onCluster(cluster, 2, "two-executors", inOrder);
      assertReplicaOnEachExecutor(2, two.json("run.json"));
      assertEquals(expected, two.samples());
      Run one = onCluster(cluster, 1, "one-executor", shuffled);
      assertReplicaOnEachExecutor(1, one.json("run.json"));
      assertEquals(expected, one.samples());
    }
  }

  /**
   * An evaluation whose executors find nothing where libraries are usually unpacked: all that they
   * have comes with the application.
   */
  private static Run onCluster(LocalCluster cluster, int executors, String id, Path dataset)
      throws Exception {
    List<String> options = new ArrayList<>();
    Collections.addAll(options, "--master", cluster.masterUrl());
    Collections.addAll(options, "--executor-cores", "1", "--executor-memory", "1g");
    Collections.addAll(options, "--total-executor-cores", Integer.toString(executors));
    // No task before all executors are there, which would else load a model for nothing.
    conf(options, "spark.scheduler.minRegisteredResourcesRatio", "1.0");
    conf(options, "spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
    conf(options, "spark.executorEnv.DJL_CACHE_DIR", folder.resolve("cache").toString());
    return evaluate(options, id, dataset, "--partitions", "16");
  }

  private static void conf(List<String> options, String key, String value) {
    Collections.addAll(options, "--conf", key + "=" + value);
  }

  private static void assertReplicaOnEachExecutor(int count, JsonNode run) {
    assertEquals(count, run.at("/spark/executors").asInt());
    Set<String> executors = new TreeSet<>();
    run.at("/replicas").forEach(replica -> executors.add(replica.at("/executor").asText()));
    assertEquals(count, run.at("/replicas").size(), run.at("/replicas")::toString);
    assertEquals(count == 1 ? Set.of("0") : Set.of("0", "1"), executors);
  }
}
