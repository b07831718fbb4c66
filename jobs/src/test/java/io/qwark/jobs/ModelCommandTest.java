package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCommandTest {
  @TempDir Path folder;

  @Test
  void inspectionsTellWhatAModelIsAndNeeds() {
    Cli.Result result = Cli.run("model", "inspect", Cli.MODEL.toString());
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().contains("Qwen3ForCausalLM"), result.out());
    assertTrue(result.out().contains("fits"), result.out());
    assertTrue(result.out().contains("one scale a row"), result.out());
    assertTrue(result.out().contains("int4: 16 values for each 32 of a row"), result.out());
  }

  /** 4 layers and 2 key heads of 32 numbers: see the configuration in datasets/quickstart/model. */
  @Test
  void inspectionsAreReadByProgramsToo() throws IOException {
    JsonNode config = new ObjectMapper().readTree(Cli.MODEL.resolve("config.json").toFile());
    Cli.Result result =
        Cli.run(
            "model", "inspect", Cli.MODEL.toString(), "--json", "--context", "100", "--batch", "3");
    JsonNode inspection = new ObjectMapper().readTree(result.out());
    assertEquals(config.path("num_hidden_layers"), inspection.path("layers"));
    JsonNode stock = null;
    for (JsonNode need : inspection.path("needs")) {
      if (need.path("quantization").asText().equals("float32")) {
        stock = need;
      }
    }
    long token =
        2L
            * Float.BYTES
            * config.path("num_hidden_layers").asInt()
            * config.path("num_key_value_heads").asInt()
            * config.path("head_dim").asInt();
    assertEquals(300 * token, stock.path("cache_bytes").asLong());
    assertEquals(
        Float.BYTES * inspection.path("parameters").asLong(), stock.path("weight_bytes").asLong());
  }

  @Test
  void fetchingWhatIsHerePrintsItsPath() {
    Cli.Result result = Cli.run("model", "fetch", Cli.MODEL.toString());
    assertEquals(0, result.code(), result.err());
    assertEquals(Cli.MODEL.toString(), result.out().strip());
  }

  @ParameterizedTest
  @CsvSource({
    "inspect, /no/such/model, it does not exist",
    "fetch, hf://one, does not have the form",
    "fetch, hf://a/b@.., does not have the form",
    "inspect, s4://bucket/x, s4",
    "convert, /no/such/model, it does not exist",
  })
  void mistakesAreExplained(String command, String model, String said) {
    Cli.Result result = Cli.run("model", command, model);
    assertEquals(2, result.code(), result.err());
    assertTrue(result.err().contains(said), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
  }

  @Test
  void usageErrorsAreThoseOfOtherCommands() {
    assertTrue(Cli.run("model").err().contains("inspect, fetch, convert"));
    assertTrue(Cli.run("model", "inspect").err().contains("PATH_OR_ID"));
    Cli.Result result = Cli.run("model", "inspect", "x", "--contxt", "5");
    assertEquals(2, result.code());
    assertTrue(result.err().contains("--context"), result.err());
    assertEquals(
        2, Cli.run("model", "convert", Cli.MODEL.toString(), "--quantization", "q").code());
    Cli.Result apart = Cli.run("model", "convert", "a/b", "--lm-head-quantization", "int4");
    assertEquals(2, apart.code(), apart.err());
    assertTrue(apart.err().contains("`quantization` is int8"), apart.err());
  }

  @Test
  void damagedModelsAreExplained() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{");
    Files.writeString(folder.resolve("tokenizer.json"), "{");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{");
    Files.write(folder.resolve("model.safetensors"), new byte[9]);
    Cli.Result result = Cli.run("model", "inspect", folder.toString());
    assertEquals(2, result.code(), result.err());
    assertTrue(result.err().contains("Remedy:"), result.err());
  }
}
