package io.qwark.engine.api;

import java.util.List;

/**
 * A model's own sampling defaults, as in its {@code generation_config.json}. A model without that
 * file samples with {@link #none}.
 *
 * @param temperature 0 where the file says {@code do_sample: false}
 * @param topK 0 means all tokens
 * @param eosTokenIds the tokens that end a generation
 */
public record GenerationDefaults(
    double temperature,
    double topP,
    int topK,
    double minP,
    double repetitionPenalty,
    List<Integer> eosTokenIds) {

  public GenerationDefaults {
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /** Plain sampling from the model's distribution, ended by {@code eosTokenIds}. */
  public static GenerationDefaults none(List<Integer> eosTokenIds) {
    return new GenerationDefaults(1.0, 1.0, 0, 0.0, 1.0, eosTokenIds);
  }
}
