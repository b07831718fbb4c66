package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationConfigTest {
  static final String WHOLE =
      """
      {"do_sample": true, "eos_token_id": [7, 8], "temperature": 0.7, "top_k": 20, "top_p": 0.8,
       "min_p": 0.1, "repetition_penalty": 1.05, "transformers_version": "4.51.0"}
      """;

  @TempDir Path folder;

  @Test
  void readsAllKeys() throws IOException {
    assertEquals(new GenerationDefaults(0.7, 0.8, 20, 0.1, 1.05, List.of(7, 8)), read(WHOLE));
  }

  @Test
  void absentKeysDoNotRestrict() throws IOException {
    assertEquals(new GenerationDefaults(1, 1, 0, 0, 1, List.of(3)), read("{}"));
    assertEquals(
        read("{}"), read("{\"top_k\": null, \"temperature\": null, \"eos_token_id\": null}"));
  }

  @Test
  void topKOfMinusOneIsAllTokens() throws IOException {
    assertEquals(0, read("{\"top_k\": -1}").topK());
  }

  @Test
  void doSampleFalseIsGreedy() throws IOException {
    assertEquals(0, read("{\"do_sample\": false, \"temperature\": 0.7}").temperature());
  }

  @ParameterizedTest
  @CsvSource({
    "temperature, -0.1",
    "temperature, 1e999",
    "temperature, \"hot\"",
    "top_p, 0",
    "top_p, 1.1",
    "top_k, -2",
    "top_k, 1.5",
    "min_p, 2",
    "repetition_penalty, 0",
    "eos_token_id, 1000",
    "do_sample, 1"
  })
  void refusesValuesOutOfRangeAndNamesFileAndKey(String key, String value) {
    UserException e =
        assertThrows(UserException.class, () -> read("{\"" + key + "\": " + value + "}"));
    assertTrue(e.getMessage().contains("generation_config.json"), e.getMessage());
    assertTrue(e.getMessage().contains("`" + key + "`"), e.getMessage());
  }

  private GenerationDefaults read(String json) throws IOException {
    Path file = folder.resolve("generation_config.json");
    Files.writeString(file, json);
    return GenerationConfig.read(file, ModelConfigTest.parsed(folder));
  }
}
