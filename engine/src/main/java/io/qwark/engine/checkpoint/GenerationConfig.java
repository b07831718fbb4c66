package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.GenerationDefaults;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a {@code generation_config.json}.
 *
 * <p>Only keys that are present count, as in vLLM: an absent key means no such restriction
 * (temperature 1, top_p 1, all tokens), not the defaults of transformers' own {@code generate}
 * (top_k 50, and greedy where do_sample is absent), which a model's author did not write down. An
 * explicit {@code "do_sample": false} is the author's word for greedy decoding and is heeded.
 */
final class GenerationConfig {
  private GenerationConfig() {}

  /**
   * @param config gives the vocabulary's size, and the end-of-sequence tokens where this file names
   *     none
   * @throws io.qwark.engine.api.UserException if the file is damaged or a value out of its range
   */
  static GenerationDefaults read(Path file, ModelConfig config) {
    Fields fields = Fields.of(file);
    List<Integer> ends = fields.tokenIds("eos_token_id", config.vocabSize());
    double temperature = fields.number("temperature", 0, 100, 1);
    return new GenerationDefaults(
        fields.flag("do_sample", true) ? temperature : 0,
        fields.number("top_p", Double.MIN_VALUE, 1, 1),
        topK(fields),
        fields.number("min_p", 0, 1, 0),
        fields.number("repetition_penalty", Double.MIN_VALUE, 100, 1),
        ends.isEmpty() ? config.eosTokenIds() : ends);
  }

  /** Both 0 and -1 are in use for "all tokens". */
  private static int topK(Fields fields) {
    JsonNode value = fields.get("top_k");
    return value == null ? 0 : Math.max(0, fields.integer("top_k", -1, Integer.MAX_VALUE));
  }
}
