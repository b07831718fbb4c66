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

  private static final String LLAMA =
      CONFIG
          .replace("Qwen3ForCausalLM", "LlamaForCausalLM")
          .replace("qwen3", "llama")
          .replace(", \"head_dim\": 16", "");

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
            Family.QWEN3,
            151_936,
            2560,
            9728,
            36,
            32,
            8,
            128,
            1e-6,
            5_000_000,
            RopeScaling.NONE,
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

  @Test
  void readsTheConfigOfQwen25WithYarnInBothSpellings() throws IOException {
    String qwen2 =
        CONFIG
            .replace("Qwen3", "Qwen2")
            .replace("qwen3", "qwen2")
            .replace(", \"head_dim\": 16", "")
            .replace("\"max_position_embeddings\": 512", "\"max_position_embeddings\": 32768");
    String older =
        "{\"factor\": 4.0, \"original_max_position_embeddings\": 32768, \"type\": \"yarn\"}";
    ModelConfig config =
        read(qwen2.replace("\"rope_scaling\": null", "\"rope_scaling\": " + older));
    assertEquals(Family.QWEN2, config.family());
    assertEquals("Qwen2ForCausalLM", config.architecture());
    assertEquals(16, config.headDim());
    assertEquals(RopeScaling.Yarn.of(4, 32_768), config.ropeScaling());
    // The card of Qwen2.5-7B-Instruct: this setting gives a context of 131,072 tokens.
    assertEquals(131_072, config.maxPositionEmbeddings());
    String newer = older.replace("\"type\"", "\"rope_theta\": 10000, \"rope_type\"");
    assertEquals(
        config,
        read(
            qwen2.replace(
                "\"rope_theta\": 10000.0, \"rope_scaling\": null",
                "\"rope_parameters\": " + newer)));
  }

  /** The keys and values of meta-llama/Llama-3.2-1B's config.json. */
  @Test
  void readsLlama3sScaling() throws IOException {
    String rope =
        "{\"factor\": 32.0, \"high_freq_factor\": 4.0, \"low_freq_factor\": 1.0,"
            + " \"original_max_position_embeddings\": 8192, \"rope_type\": \"llama3\"}";
    ModelConfig config = read(LLAMA.replace("\"rope_scaling\": null", "\"rope_scaling\": " + rope));
    assertEquals(new RopeScaling.Llama3(32, 1, 4, 8192), config.ropeScaling());
    assertEquals(512, config.maxPositionEmbeddings());
  }

  @Test
  void anOldLlamaConfigTakesTheDefaultsOfTransformers() throws IOException {
    String config = LLAMA;
    for (String key :
        List.of(
            ", \"num_key_value_heads\": 2", "\"rope_theta\": 10000.0, \"rope_scaling\": null,")) {
      assertTrue(config.contains(key), key);
      config = config.replace(key, "");
    }
    ModelConfig read = read(config);
    assertEquals(Family.LLAMA, read.family());
    assertEquals(4, read.numKeyValueHeads());
    assertEquals(16, read.headDim());
    assertEquals(10_000, read.ropeTheta());
    assertEquals(RopeScaling.NONE, read.ropeScaling());
  }

  /** From the definition in Transformers' Yarn: 0.1 mscale ln(factor) + 1, and its defaults. */
  @Test
  void readsEveryKeyOfYarn() throws IOException {
    String rope =
        "{\"rope_type\": \"yarn\", \"factor\": 8, \"original_max_position_embeddings\": 64,"
            + " \"beta_fast\": 16, \"beta_slow\": 2, \"truncate\": false";
    assertEquals(
        new RopeScaling.Yarn(8, 64, 16, 2, 0.1 * Math.log(8) + 1, false), yarn(rope + "}"));
    assertEquals(
        (0.1 * 2 * Math.log(8) + 1) / (0.1 * 3 * Math.log(8) + 1),
        yarn(rope + ", \"mscale\": 2, \"mscale_all_dim\": 3}").attentionFactor());
    assertEquals(1.5, yarn(rope + ", \"attention_factor\": 1.5, \"mscale\": 2}").attentionFactor());
    assertEquals(
        RopeScaling.Yarn.of(8, 64),
        yarn("{\"type\": \"yarn\", \"factor\": null, \"original_max_position_embeddings\": 64}"));
    assertEquals(RopeScaling.Yarn.of(2, 512), yarn("{\"type\": \"yarn\", \"factor\": 2}"));
  }

  private RopeScaling yarn(String rope) throws IOException {
    return read(CONFIG.replace("\"rope_scaling\": null", "\"rope_scaling\": " + rope))
        .ropeScaling();
  }

  @Test
  void aWindowThatNoLayerUsesIsNoObstacle() throws IOException {
    String window =
        "\"use_sliding_window\": true, \"sliding_window\": 64, \"max_window_layers\": 2";
    String none = "\"use_sliding_window\": false, \"sliding_window\": null";
    assertEquals(parsed(folder), read(CONFIG.replace(none, window)));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"model_type\": \"qwen3\" | \"model_type\": \"mistral\" | model_type is mistral",
        "\"model_type\": \"qwen3\" | \"model_type\": \"qwen3_moe\" | model_type is qwen3_moe",
        "\"model_type\": \"qwen3\" | \"model_type\": \"llama\" | not LlamaForCausalLM",
        "\"model_type\": \"qwen3\", | | model_type is (none)",
        "Qwen3ForCausalLM | Qwen3ForSequenceClassification | Qwen3ForSequenceClassification",
        "\"attention_bias\": false | \"attention_bias\": true | attention_bias",
        "silu | gelu | hidden_act is gelu",
        "\"attention_bias\": false | \"mlp_bias\": true | mlp_bias",
        "\"attention_bias\": false | \"partial_rotary_factor\": 0.5 | partial_rotary_factor",
        "\"use_sliding_window\": false, \"sliding_window\": null"
            + " | \"use_sliding_window\": true, \"sliding_window\": 64, \"max_window_layers\": 1"
            + " | use_sliding_window",
        "\"sliding_window\": null | \"layer_types\": [\"full_attention\",\"sliding_attention\"]"
            + " | sliding_attention",
        "\"rope_scaling\": null | \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 4.0}"
            + " | rope_scaling.rope_type is \"dynamic\"",
        "\"rope_scaling\": null"
            + " | \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0, \"beta_fast\": 3}"
            + " | rope_scaling.beta_fast is 3",
        "\"rope_scaling\": null | \"rope_scaling\": {\"factor\": 4.0} | rope_scaling.factor is 4.0",
        "\"rope_scaling\": null | \"rope_parameters\": {\"partial_rotary_factor\": 0.5}"
            + " | partial_rotary_factor"
      })
  void refusesOtherModelsAndSaysWhatIsSupported(String key, String value, String reason)
      throws IOException {
    String message = message(key, value);
    assertTrue(message.contains(reason), message);
    assertTrue(message.contains("Choose a dense model of model_type qwen3, qwen2, llama"), message);
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
        "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"linear\"} | `factor` is missing",
        "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"linear\", \"factor\": 0}"
            + " | rope_scaling.factor",
        "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"yarn\", \"rope_type\": \"linear\"}"
            + " | two values of rope_type",
        "\"rope_scaling\": null"
            + " | \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 2, \"truncate\": 1}"
            + " | neither true nor false",
        "\"rope_scaling\": null"
            + " | \"rope_scaling\": {\"type\": \"llama3\", \"factor\": 2, \"low_freq_factor\": 4,"
            + " \"high_freq_factor\": 4} | is not above",
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
