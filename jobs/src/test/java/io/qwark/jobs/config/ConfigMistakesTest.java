package io.qwark.jobs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user hears of a mistake in a file or on the command line. */
class ConfigMistakesTest {
  @TempDir Path folder;

  private UserException mistake(String yaml, String... settings) {
    return ConfigTexts.mistake(folder, yaml, settings);
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheNearestKey() {
    UserException e = mistake("model:\n  path: x\n  quantisation: int8\n");
    assertTrue(e.problem().endsWith("test.yaml"), e.problem());
    assertEquals("line 3: there is no key `model.quantisation`", e.reason());
    assertEquals("Write `model.quantization` if that is meant", e.remedy());
  }

  @Test
  void aKeyOfAnotherSectionIsFoundThere() {
    UserException e = mistake("temperature: 0.6");
    assertEquals("Write `sampling.temperature` if that is meant", e.remedy());
  }

  @Test
  void anUnknownKeyOnTheCommandLineIsNamed() {
    UserException e = mistake("", "sampling.temprature=1");
    assertEquals("Cannot use the configuration option --set sampling.temprature", e.problem());
    assertEquals("there is no key `sampling.temprature`", e.reason());
    assertEquals("Write `sampling.temperature` if that is meant", e.remedy());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sampling: {n: four}|line 1: `sampling.n` is the text `four`|Give a whole number of at most 32 bits",
        "sampling: {n: 1.5}|line 1: `sampling.n` is the number `1.5`|Give a whole number of at most 32 bits",
        "sampling: {n: 4294967297}|line 1: `sampling.n` is the number `4294967297`|Give a whole number of at most 32 bits",
        "sampling: {temperature: hot}|line 1: `sampling.temperature` is the text `hot`|Give a number",
        "sampling: {stop_token_ids: [1, x]}|line 1: `sampling.stop_token_ids[1]` is the text `x`|Give a whole number of at most 32 bits",
        "sampling: 5|line 1: `sampling` is the number `5`|",
        "model: {enable_thinking: maybe}|line 1: `model.enable_thinking` is the text `maybe`|Give true or false",
        "model: {path: 5}|line 1: `model.path` is the number `5`|Give a text (quote it if need be)",
        "model: {path: [a]}|line 1: `model.path` is a list|Give a text (quote it if need be)",
        "spark: {conf: {a: [1]}}|line 1: `spark.conf.a` is a list|Give a text or a number",
        "- a|line 1: the file is a list|",
      })
  void aValueOfTheWrongTypeIsNamedWithItsPath(String yaml, String reason, String remedy) {
    UserException e = mistake(yaml);
    assertEquals(reason, e.reason());
    if (remedy != null) {
      assertEquals(remedy, e.remedy());
    }
  }

  @Test
  void aRepeatedKeyIsRefused() {
    UserException e = mistake("scorer: a\nsampling:\n  n: 1\n  n: 2\n");
    assertEquals("line 4: the key `n` appears twice, before in line 3", e.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: &a [x, x]\nb: &b [*a, *a]\n",
        "model: {path: &p /m}\ndataset: {path: *p}\n",
        "sampling: &s\n  n: 1\n",
      })
  void anchorsAreRefusedBeforeTheyCanMultiply(String yaml) {
    assertTrue(mistake(yaml).reason().contains("anchors and aliases"), mistake(yaml).reason());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [1, 2", "a: \"x", "a: b: c", "\tmodel: {}", "a: !!java.io.File [x"})
  void brokenYamlIsRefusedWithALine(String yaml) {
    assertTrue(mistake(yaml).reason().contains("is not valid YAML"), mistake(yaml).reason());
  }

  @Test
  void deepNestingIsRefused() {
    assertTrue(mistake("a: " + "[".repeat(5000)).reason().contains("not valid YAML"));
  }

  @Test
  void aSecondDocumentIsRefused() {
    assertTrue(mistake("scorer: a\n---\nscorer: b\n").reason().contains("second document"));
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = folder.resolve("absent.yaml");
    UserException e =
        assertThrows(
            UserException.class, () -> ConfigFile.load(file, List.of(), EvaluateConfig.DEFAULTS));
    assertTrue(e.problem().contains("absent.yaml"), e.problem());
    assertTrue(e.reason().startsWith("there is no such file"), e.reason());
  }

  @ParameterizedTest
  @CsvSource({
    "sampling.n=0, sampling.n",
    "sampling.temperature=-1, temperature",
    "sampling.top_p=0, top_p",
    "sampling.logprobs=21, logprobs",
    "dataset.limit=0, dataset.limit",
    "spark.partitions=0, spark.partitions",
    "output.run_id=../x, ../x",
    "pass_at_k=2, pass@2",
    "output.format=jsonl, jsonl",
  })
  void valuesOutOfRangeAreRefused(String setting, String named) {
    UserException e = mistake("", setting);
    assertTrue(e.problem().contains(named), e.problem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sampling.n", "=5", "a..b=1", ".a=1", "a.=1"})
  void aSettingWithoutKeyAndValueIsRefused(String setting) {
    assertThrows(UserException.class, () -> Setting.parse(setting));
  }
}
