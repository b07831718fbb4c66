package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What submit.sh hands to spark-submit, seen through a spark-submit that writes its arguments down.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SubmitScriptIT {
  private static final Path ROOT = Path.of(System.getProperty("qwark.root")).toAbsolutePath();

  @TempDir Path folder;
  private Path checkout;
  private Path sparkHome;

  /**
   * A checkout with spaces in its path that holds the script, its files and an empty application
   * jar.
   */
  @BeforeEach
  void layOut() throws IOException {
    checkout = Files.createDirectories(folder.resolve("a check out"));
    Files.copy(ROOT.resolve("submit.sh"), checkout.resolve("submit.sh"));
    assertTrue(checkout.resolve("submit.sh").toFile().setExecutable(true));
    Path natives = Files.createDirectories(checkout.resolve("jobs/target/natives"));
    Files.createFile(natives.resolve("libtorch.jar"));
    Files.createFile(checkout.resolve("jobs/target/qwark.jar"));
    sparkHome = folder.resolve("a spark");
    Path submit = Files.createDirectories(sparkHome.resolve("bin")).resolve("spark-submit");
    Files.writeString(
        submit,
        """
        #!/usr/bin/env bash
        printf '%s\\n' "$PWD" "$SPARK_SUBMIT_OPTS" "$MALLOC_ARENA_MAX" "$@"
        exit 7
        """);
    assertTrue(submit.toFile().setExecutable(true));
  }

  @Test
  void withoutArgumentsTheUsageIsPrinted() throws Exception {
    Result result = submit();
    assertEquals(0, result.status);
    assertTrue(result.output.startsWith("Usage: ./submit.sh [spark-submit options] JOB"));
    for (String job : List.of("evaluate", "generate", "enrich", "doctor", "model")) {
      assertTrue(result.output.contains("\n  " + job + " "), job);
    }
    assertEquals(result, submit("--help"));
  }

  @Test
  void mistakesEndWithStatusTwoAndNameTheProblem() throws Exception {
    assertMistake("There is no job 'evalute'", "--master", "local", "evalute");
    assertMistake("No job is named", "--master", "local");
    assertMistake("--master lacks its value", "--master");
    assertMistake("spark-submit has no option --config", "--config", "x.yaml", "evaluate");
    assertMistake("--class is not for you", "--class", "A", "evaluate");
  }

  @Test
  void optionsBeforeTheJobGoToSparkAndThoseAfterItToTheJob() throws Exception {
    List<String> arguments =
        arguments("--verbose", "--name=a name", "--conf", "k=a b", "generate", "--conf", "c d");
    assertAll(
        () -> assertTrue(containsInOrder(arguments, "--verbose", "--name", "a name")),
        () -> assertTrue(containsInOrder(arguments, "--conf", "k=a b")),
        () -> assertTrue(endsWith(arguments, jar(), "generate", "--conf", "c d")));
  }

  @Test
  void jobsAreTheDefaultsOfALocalMachineUnlessTheCallerSaysOtherwise() throws Exception {
    List<String> local = arguments("doctor");
    assertAll(
        () -> assertTrue(containsInOrder(local, "--class", "io.qwark.jobs.Main")),
        () -> assertTrue(containsInOrder(local, "--master", "local[*]")),
        () -> assertTrue(local.contains("spark.qwark.masterGiven=false")),
        () -> assertTrue(local.contains("--driver-memory")),
        () -> assertTrue(local.contains("spark.executorEnv.MALLOC_ARENA_MAX=1")),
        () -> assertTrue(containsInOrder(local, "--jars", natives())));

    List<String> cluster =
        arguments("--conf", "spark.master=spark://h:1", "--driver-memory", "1g", "doctor");
    assertAll(
        () -> assertTrue(cluster.contains("spark.qwark.masterGiven=true")),
        () -> assertTrue(!cluster.contains("local[*]")),
        () -> assertEquals(1, cluster.stream().filter("--driver-memory"::equals).count()));
  }

  @Test
  void nativesJoinTheCallersJarsOrStayBehindOnRequest() throws Exception {
    List<String> joined = arguments("--jars", "x.jar,y.jar", "doctor");
    assertTrue(containsInOrder(joined, "--jars", natives() + ",x.jar,y.jar"));

    Result none = submit(Map.of("QWARK_NATIVES", "none"), "doctor");
    assertTrue(!none.output.contains("libtorch.jar") && !none.output.contains("--jars"));
  }

  @Test
  void workingFolderEnvironmentAndExitStatusAreKept() throws Exception {
    Result result = submit(Map.of("MALLOC_ARENA_MAX", "3", "SPARK_SUBMIT_OPTS", "-Da=b"), "doctor");
    List<String> lines = result.output.lines().toList();
    assertEquals(7, result.status);
    assertEquals(folder.toRealPath().toString(), lines.get(0));
    assertEquals(
        "\"-Dlog4j2.configurationFile=" + checkout.toRealPath() + "/conf/log4j2.properties\" -Da=b",
        lines.get(1));
    assertEquals("3", lines.get(2));
  }

  @Test
  void aMissingJavaOrSparkIsNamed() throws Exception {
    Result java = submit(Map.of("JAVA_HOME", "/no/java"), "doctor");
    assertEquals(2, java.status);
    assertTrue(java.output.contains("JAVA_HOME is /no/java"), java.output);
    Result spark = submit(Map.of("SPARK_HOME", "/no/spark"), "doctor");
    assertEquals(2, spark.status);
    assertTrue(spark.output.contains("SPARK_HOME is /no/spark"), spark.output);
  }

  private record Result(int status, String output) {}

  private String jar() throws IOException {
    return checkout.toRealPath() + "/jobs/target/qwark.jar";
  }

  private String natives() throws IOException {
    return checkout.toRealPath() + "/jobs/target/natives/libtorch.jar";
  }

  private void assertMistake(String problem, String... arguments) throws Exception {
    Result result = submit(arguments);
    assertEquals(2, result.status, result.output);
    assertTrue(result.output.startsWith("submit.sh: " + problem), result.output);
  }

  /** The arguments that spark-submit got. */
  private List<String> arguments(String... arguments) throws Exception {
    Result result = submit(arguments);
    assertEquals(7, result.status, result.output);
    List<String> lines = result.output.lines().toList();
    return lines.subList(3, lines.size());
  }

  private Result submit(String... arguments) throws Exception {
    return submit(Map.of(), arguments);
  }

  private Result submit(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(checkout.resolve("submit.sh").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    for (String name : List.of("MALLOC_ARENA_MAX", "SPARK_SUBMIT_OPTS", "SPARK_DRIVER_MEMORY")) {
      builder.environment().remove(name);
    }
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("SPARK_HOME", sparkHome.toString());
    builder.environment().put("QWARK_BUILD", "never");
    builder.environment().putAll(environment);
    Process process = builder.directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  private static boolean containsInOrder(List<String> all, String... part) {
    return Collections.indexOfSubList(all, List.of(part)) >= 0;
  }

  private static boolean endsWith(List<String> all, String... part) {
    return all.subList(all.size() - part.length, all.size()).equals(List.of(part));
  }
}
