package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.schedule.Scheduler;

/** What the tensors of the largest step take, reckoned from their shapes, in bytes. */
final class Workspace {
  private Workspace() {}

  /** Its largest tensors, in float32. */
  static long onCpu(ModelConfig config, EngineOptions options) {
    long token = 2L * config.hiddenSize() + heads(config) + 2L * config.intermediateSize();
    return Float.BYTES
        * (options.maxNumBatchedTokens() * token
            + (long) options.maxNumSeqs() * config.vocabSize());
  }

  /** All that is held at a time by layers_any.torchscript and by sampling. */
  static long onCard(ModelConfig config, EngineOptions options, Quantization quantization) {
    int number = quantization == Quantization.FLOAT32 ? Float.BYTES : Short.BYTES;
    // The residual stream and its norm.
    long stream = 2L * number * config.hiddenSize();
    // Heads, their norms with weights and without, rolled, times cosines, with sines; what was
    // attended.
    long attention = 7L * number * heads(config);
    // Gate and up, the activated gate.
    long feedForward = 3L * number * config.intermediateSize();
    if (quantization == Quantization.INT8 || quantization == Quantization.FP8) {
      // The activated gate in float32 over its scale, and rounded to a byte each.
      feedForward += (Float.BYTES + 1L) * config.intermediateSize();
    }
    if (quantization == Quantization.INT8) {
      // Sums come in int32, and are scaled in float32.
      feedForward += 2L * (Integer.BYTES + Float.BYTES) * config.intermediateSize();
    }
    long tokens = options.maxNumBatchedTokens() * (stream + Math.max(attention, feedForward));
    if (quantization == Quantization.INT4) {
      // The matrix of a product with many tokens in bfloat16, and codes of two in a byte.
      long matrix = Math.max(heads(config), 2L * config.intermediateSize()) * config.hiddenSize();
      tokens += (Short.BYTES + 1L) * matrix;
    }
    // Logits, the same in float32, after penalties, and what log-sum-exp makes of them.
    long row = (number + 3L * Float.BYTES) * config.vocabSize();
    return tokens + mostRows(options) * row;
  }

  /** Rows of a step that are scored: one of each sample with its guesses, or a chunk's. */
  private static long mostRows(EngineOptions options) {
    Speculative guesses = options.speculative();
    long guessed =
        guesses == null
            ? 0
            : (1L + guesses.numSpeculativeTokens())
                * Math.min(options.maxNumSeqs(), guesses.disableByBatchSize());
    // Log-probabilities of prompts can be asked for.
    int chunk = Scheduler.largestChunk(options.maxNumSeqs(), options.maxNumBatchedTokens());
    return Math.max(chunk, Math.max(options.maxNumSeqs(), guessed));
  }

  private static long heads(ModelConfig config) {
    return (config.numAttentionHeads() + 2L * config.numKeyValueHeads()) * config.headDim();
  }
}
