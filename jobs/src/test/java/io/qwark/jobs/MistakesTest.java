package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake ends with exit code 2 and a short message, before a model is loaded. */
class MistakesTest {
  @TempDir Path folder;

  private Path sums() throws IOException {
    return Files.writeString(
        folder.resolve("sums.jsonl"), "{\"problem\": \"1 + 2\", \"expected_answer\": \"3\"}\n");
  }

  private Cli.Result evaluate(Path dataset, String... more) {
    List<String> arguments = new ArrayList<>(List.of("--dataset", dataset.toString()));
    arguments.addAll(List.of(more));
    return Cli.job("evaluate", folder.resolve("out"), arguments.toArray(String[]::new));
  }

  private static void assertMistake(Cli.Result result, String... parts) {
    assertEquals(2, result.code(), result.err());
    for (String part : parts) {
      assertTrue(result.err().contains(part), result.err());
    }
    assertFalse(result.err().contains("\tat "), result.err());
  }

  @Test
  void anUnknownOptionIsAnswered() {
    Cli.Result result = Cli.run("evaluate", "--limt", "3");
    assertMistake(result, "Unknown option", "--limt", "--limit", "evaluate --help");
  }

  @Test
  void anUnknownJobIsAnswered() {
    assertMistake(Cli.run("evalute"), "evalute", "evaluate");
  }

  @Test
  void noJobIsAnswered() {
    assertMistake(Cli.run(), "Say which job to do: ", "evaluate", "doctor");
  }

  @Test
  void anOptionOfTheWrongTypeIsAnswered() {
    assertMistake(Cli.run("evaluate", "--limit", "many"), "--limit", "many");
  }

  @Test
  void helpAndVersionEndWell() {
    Cli.Result help = Cli.run("evaluate", "--help");
    assertEquals(0, help.code());
    assertTrue(help.out().contains("--dataset"), help.out());
    Cli.Result version = Cli.run("--version");
    assertEquals(0, version.code());
    assertTrue(version.out().startsWith("Qwark "), version.out());
  }

  @Test
  void anUnknownConfigurationKeyIsAnswered() throws IOException {
    Path config = Files.writeString(folder.resolve("c.yaml"), "dataset:\n  limitt: 4\n");
    assertMistake(
        Cli.run("evaluate", "--config", config.toString()),
        "Error: Cannot use the configuration " + config,
        "Cause:  line 2: there is no key `dataset.limitt`",
        "Remedy: Write `dataset.limit` if that is meant");
  }

  @Test
  void noModelNoDatasetAndAnUnknownScorerAreAnswered() throws IOException {
    assertMistake(Cli.run("evaluate"), "without a model", "--model");
    assertMistake(Cli.run("evaluate", "--model", "x"), "without a dataset", "--dataset");
    assertMistake(Cli.run("generate", "--model", "x"), "without an input", "--input");
    assertMistake(Cli.run("enrich", "--model", "x"), "Cannot choose the input");
    assertMistake(evaluate(sums(), "--set", "scorer=boxed_intger"), "boxed_integer");
    assertMistake(evaluate(sums(), "--quantization", "int7"), "int7", "int8");
    int loads = FakeModels.LOADS.get();
    assertMistake(
        evaluate(sums(), "--quantization", "int8", "--lm-head-quantization", "int4"),
        "Cannot hold the output layer in int4",
        "`quantization` is int8",
        "Set `lm_head_quantization` to auto, or `quantization` to int4");
    assertEquals(loads, FakeModels.LOADS.get());
  }

  @Test
  void aMissingModelFolderIsAnswered() throws IOException {
    int loads = FakeModels.LOADS.get();
    Cli.Result result = evaluate(sums(), "--set", "model.path=" + folder.resolve("absent"));
    assertMistake(result, "Cannot open model folder", "absent", "it does not exist");
    assertEquals(loads, FakeModels.LOADS.get());
  }

  @Test
  void anEmptyDatasetIsAnswered() throws IOException {
    assertMistake(evaluate(Files.writeString(folder.resolve("e.jsonl"), "")), "it has no rows");
  }

  @Test
  void aMissingDatasetIsAnswered() {
    assertMistake(evaluate(folder.resolve("no.jsonl")), "no.jsonl", "there is no such file");
  }

  @Test
  void anOutputThatCannotBeWrittenIsAnsweredBeforeAModelIsLoaded() throws IOException {
    int loads = FakeModels.LOADS.get();
    Files.writeString(folder.resolve("out"), "a file where the folder should be");
    assertMistake(evaluate(sums()), "Cannot write to the output folder");
    assertEquals(loads, FakeModels.LOADS.get());
  }

  @Test
  void anOutputThatExistsIsReplacedOnlyOnRequest() throws IOException {
    assertEquals(0, evaluate(sums()).code());
    int loads = FakeModels.LOADS.get();
    assertMistake(evaluate(sums()), "Cannot write to", "a run of that name exists", "--overwrite");
    assertEquals(loads, FakeModels.LOADS.get());
    assertEquals(0, evaluate(sums(), "--overwrite", "--samples", "2").code());
    String summary = Files.readString(folder.resolve("out/run/summary.json"));
    assertTrue(summary.contains("avg@2"), summary);

    Files.writeString(folder.resolve("out/run/thesis.txt"), "precious");
    assertMistake(evaluate(sums(), "--overwrite"), "Cannot overwrite", "thesis.txt");
    assertTrue(Files.exists(folder.resolve("out/run/thesis.txt")));
  }

  @Test
  void aMistakeOnTheExecutorsIsAMistakeToo() throws IOException {
    Cli.Result result = evaluate(sums(), "--set", "model.chat_template=" + FakeModels.UNUSABLE);
    assertMistake(result, "Error: Cannot load", "Remedy: Choose another");
    try (var left = Files.walk(folder.resolve("out"))) {
      assertEquals(List.of(folder.resolve("out")), left.toList());
    }
  }

  @Test
  void anythingElseThatFailsHasExitCode1AndATraceOnRequest() throws IOException {
    String broken = "model.chat_template=" + FakeModels.BROKEN;
    Cli.Result result = evaluate(sums(), "--set", broken);
    assertEquals(1, result.code(), result.err());
    assertTrue(result.err().contains("Error: the run failed: "), result.err());
    assertTrue(result.err().contains("broken to pieces"), result.err());
    assertTrue(result.err().contains("--stacktrace"), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
    assertTrue(evaluate(sums(), "--set", broken, "--stacktrace").err().contains("\tat "));
  }

  @Test
  void anEvaluationWhoseSamplesAllFailHasExitCode1() throws IOException {
    Cli.Result result = evaluate(sums(), "--set", "model.chat_template=" + FakeModels.FAILING);
    assertEquals(1, result.code(), result.err());
    assertTrue(result.err().contains("every sample failed"), result.err());
    assertTrue(result.err().contains("ENGINE_FAILURE"), result.err());
    assertTrue(Files.exists(folder.resolve("out/run/summary.json")));
  }
}
