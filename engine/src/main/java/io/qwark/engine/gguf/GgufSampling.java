package io.qwark.engine.gguf;

import io.qwark.engine.api.GenerationDefaults;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a file recommends for sampling ({@code general.sampling.*}), and the tokens that end a
 * generation.
 */
final class GgufSampling {
  private static final String PREFIX = "general.sampling.";

  /** Metadata that names end tokens: of a sequence, of a turn, of a message. */
  private static final List<String> END_KEYS =
      List.of(
          "tokenizer.ggml.eos_token_id",
          "tokenizer.ggml.eot_token_id",
          "tokenizer.ggml.eom_token_id");

  /**
   * Tokens that end a generation whatever the metadata says, which has room for one of the several
   * that a generation_config.json names. A part of llama.cpp's own list, for the families that
   * there are.
   */
  private static final Set<String> END_TOKENS =
      Set.of("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>");

  private GgufSampling() {}

  /**
   * @throws io.qwark.engine.api.UserException if a value is out of its range, or a sampler is
   *     recommended that there is not
   */
  static GenerationDefaults of(Path file, GgufMetadata metadata) {
    for (String other : List.of("xtc_probability", "mirostat")) {
      if (metadata.number(PREFIX + other, 0, 100, 0) != 0) {
        throw GgufErrors.unsupported(
            file,
            "it is to be sampled with `" + PREFIX + other + "`",
            "Choose a file that does not recommend it");
      }
    }
    return new GenerationDefaults(
        metadata.number(PREFIX + "temp", 0, 100, 1),
        metadata.number(PREFIX + "top_p", Double.MIN_VALUE, 1, 1),
        // Both 0 and negative numbers stand for all tokens.
        Math.max(0, metadata.integer(PREFIX + "top_k", Integer.MIN_VALUE, Integer.MAX_VALUE, 0)),
        metadata.number(PREFIX + "min_p", 0, 1, 0),
        metadata.number(PREFIX + "penalty_repeat", Double.MIN_VALUE, 100, 1),
        endTokens(metadata));
  }

  /** In the order of metadata, then of ids. */
  static List<Integer> endTokens(GgufMetadata metadata) {
    List<Integer> ends = new ArrayList<>();
    if (!metadata.has(TokenList.TOKENS)) {
      return ends;
    }
    TokenList tokens = TokenList.of(metadata);
    for (String key : END_KEYS) {
      if (metadata.has(key)) {
        int id = metadata.integer(key, 0, tokens.size() - 1);
        if (!ends.contains(id)) {
          ends.add(id);
        }
      }
    }
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.isAdded(id) && END_TOKENS.contains(tokens.text(id)) && !ends.contains(id)) {
        ends.add(id);
      }
    }
    return ends;
  }
}
