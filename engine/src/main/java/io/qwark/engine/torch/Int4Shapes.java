package io.qwark.engine.torch;

import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;

/** Matrices that can be held in 4 bits. */
final class Int4Shapes {
  /** Rows that the operator packs together. */
  private static final int ROWS = 16;

  private Int4Shapes() {}

  /**
   * @throws UserException if a matrix of the layers does not fit
   */
  static void check(ModelConfig config) {
    int headDim = config.headDim();
    inputs("hidden_size", config.hiddenSize());
    inputs("intermediate_size", config.intermediateSize());
    inputs("num_attention_heads times head_dim", (long) config.numAttentionHeads() * headDim);
    long heads = config.numAttentionHeads() + 2L * config.numKeyValueHeads();
    if (heads * headDim % ROWS != 0) {
      throw refused(
          "rows are packed by "
              + ROWS
              + ", and the "
              + heads
              + " heads of "
              + headDim
              + " for queries, keys and values are not a multiple of that");
    }
  }

  private static void inputs(String name, long size) {
    if (size % PackedWeight.GROUP != 0) {
      throw refused(
          "4-bit weights share scales in groups of "
              + PackedWeight.GROUP
              + ", and the model's "
              + name
              + " is "
              + size
              + ", not a multiple of that");
    }
  }

  private static UserException refused(String reason) {
    return new UserException(
        "Cannot hold weights in int4", reason, "Set `quantization` to int8 or float32");
  }
}
