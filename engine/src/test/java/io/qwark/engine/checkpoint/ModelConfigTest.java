package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  static final String CONFIG =
      """
      {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "attention_bias": false,
       "hidden_act": "silu", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
       "rms_norm_eps": 1e-06, "rope_theta": 10000.0, "rope_scaling": null,
       "max_position_embeddings": 512, "tie_word_embeddings": true, "eos_token_id": 3,
       "use_sliding_window": false, "sliding_window": null, "torch_dtype": "float32"}
      """;

  @TempDir Path folder;

  static ModelConfig parsed(Path folder) throws IOException {
    Path file = folder.resolve("whole.json");
    Files.writeString(file, CONFIG);
    return ModelConfig.read(file);
  }

  /** The numbers are the model card's, see the shape of Qwen3-4B-Instruct-2507. */
  @Test
  void readsTheConfigOfQwen3Instruct() {
    Path file =
        Path.of(
            System.getProperty("qwark.shared", "absent"),
            "data/chat-template/config.instruct-2507.json");
    assumeTrue(Files.exists(file), "needs the shared data: " + file);
    ModelConfig config = ModelConfig.read(file);
    assertEquals(
        new ModelConfig(
            "Qwen3ForCausalLM",
            151_936,
            2560,
            9728,
            36,
            32,
            8,
            128,
            1e-6,
            5_000_000,
            262_144,
            true,
            List.of(151_645),
            "bfloat16"),
        config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"rope_parameters\": {\"rope_theta\": 7.0, \"rope_type\": \"default\"}",
        "\"rope_scaling\": {\"rope_theta\": 7, \"type\": \"default\"}",
        "\"rope_theta\": 7, \"rope_scaling\": {\"rope_type\": \"default\"}",
        "\"rope_theta\": 7, \"rope_parameters\": {\"rope_theta\": 7.0, \"factor\": null}",
        "\"rope_theta\": 7, \"rope_parameters\": {\"partial_rotary_factor\": 1.0}"
      })
  void acceptsThePlainRopeInEverySpelling(String rope) throws IOException {
    assertEquals(7.0, read(replaceRope(rope)).ropeTheta());
  }

  @Test
  void readsWhatNewerTransformersWrites() throws IOException {
    String config =
        CONFIG
            .replace("\"torch_dtype\"", "\"dtype\"")
            .replace("\"eos_token_id\": 3", "\"eos_token_id\": [3, 5, 3]")
            .replace(
                "{\"arch", "{\"layer_types\": [\"full_attention\", \"full_attention\"],\"arch");
    assertEquals("float32", read(config).dtype());
    assertEquals(List.of(3, 5), read(config).eosTokenIds());
  }

  @Test
  void absentOptionalKeysTakeTheDefaultsOfTransformers() throws IOException {
    String config = CONFIG;
    for (String key :
        List.of(
            "\"tie_word_embeddings\": true, \"eos_token_id\": 3,",
            "\"architectures\": [\"Qwen3ForCausalLM\"], ",
            ", \"torch_dtype\": \"float32\"",
            "\"attention_bias\": false,",
            "\"hidden_act\": \"silu\", ")) {
      assertTrue(config.contains(key), key);
      config = config.replace(key, "");
    }
    ModelConfig read = read(config);
    assertEquals(false, read.tieWordEmbeddings());
    assertEquals(List.of(), read.eosTokenIds());
    assertNull(read.dtype());
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"model_type\": \"qwen3\" | \"model_type\": \"llama\" | model_type is llama",
        "\"model_type\": \"qwen3\", | | model_type is (none)",
        "Qwen3ForCausalLM | Qwen3ForSequenceClassification | Qwen3ForSequenceClassification",
        "\"attention_bias\": false | \"attention_bias\": true | attention_bias",
        "silu | gelu | hidden_act is gelu",
        "\"use_sliding_window\": false | \"use_sliding_window\": true | use_sliding_window",
        "\"sliding_window\": null | \"layer_types\": [\"full_attention\",\"sliding_attention\"]"
            + " | sliding_attention",
        "\"sliding_window\": null | \"quantization_config\": {} | quantization_config",
        "\"rope_scaling\": null | \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0}"
            + " | rope_scaling.rope_type is \"yarn\"",
        "\"rope_scaling\": null | \"rope_scaling\": {\"factor\": 4.0} | rope_scaling.factor is 4.0",
        "\"rope_scaling\": null | \"rope_parameters\": {\"partial_rotary_factor\": 0.5}"
            + " | partial_rotary_factor"
      })
  void refusesOtherModelsAndSaysWhatIsSupported(String key, String value, String reason)
      throws IOException {
    String message = message(key, value);
    assertTrue(message.contains(reason), message);
    assertTrue(message.contains("Choose a dense Qwen3 model"), message);
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"head_dim\": 16 | \"head_dim\": 15 | head_dim 15 is odd",
        "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 3 | not a multiple",
        "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 0 | is not between 1 and",
        "\"hidden_size\": 64 | \"hidden_size\": 1000000000 | is not between 1 and",
        "\"hidden_size\": 64 | \"hidden_size\": 64.5 | is not a whole number",
        "\"hidden_size\": 64, | | `hidden_size` is missing",
        "\"rope_theta\": 10000.0, | | `rope_theta` is missing",
        "\"rope_theta\": 10000.0 | \"rope_theta\": \"x\" | rope_theta",
        "\"rope_scaling\": null | \"rope_scaling\": {\"rope_theta\": 2} | two values",
        "\"rope_scaling\": null | \"rope_scaling\": 3 | is not an object",
        "\"rms_norm_eps\": 1e-06 | \"rms_norm_eps\": 0 | rms_norm_eps",
        "\"eos_token_id\": 3 | \"eos_token_id\": 1000 | below vocab_size 1000",
        "\"eos_token_id\": 3 | \"eos_token_id\": [-1] | below vocab_size 1000",
        "\"tie_word_embeddings\": true | \"tie_word_embeddings\": 1 | neither true nor false",
        "\"sliding_window\": null | \"layer_types\": [\"full_attention\"] | list of 2",
        "\"hidden_size\": 64 | \"hidden_size\": 64, \"hidden_size\": 65 | Duplicate",
        "\"hidden_size\": 64 | \"hidden_size\": | not valid JSON"
      })
  void refusesWrongValuesAndNamesThem(String key, String value, String reason) throws IOException {
    String message = message(key, value);
    assertTrue(message.contains("config.json"), message);
    assertTrue(message.contains(reason), message);
  }

  @Test
  void aMissingFileIsAUserMistake() {
    UserException e =
        assertThrows(UserException.class, () -> ModelConfig.read(folder.resolve("config.json")));
    assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
  }

  private String message(String key, String value) throws IOException {
    assertTrue(CONFIG.contains(key), key);
    String config = CONFIG.replace(key, value == null ? "" : value);
    return assertThrows(UserException.class, () -> read(config)).getMessage();
  }

  private static String replaceRope(String rope) {
    return CONFIG.replace("\"rope_theta\": 10000.0, \"rope_scaling\": null", rope);
  }

  private ModelConfig read(String config) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, config);
    return ModelConfig.read(file);
  }
}
