package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.TensorEntry;
import io.qwark.engine.checkpoint.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Hands a checkpoint's tensors, under the names that Transformers gives them, to a program. They
 * are seen through the mapped file; the program keeps them or makes its own weights of them.
 */
final class Qwen3Loader {
  private final TorchModule module;
  private final ModelConfig config;
  private final Weights weights;
  private final double levels;

  /**
   * @param levels largest quantized weight; 63 where the processor would saturate sums of two
   *     products, else 127
   */
  Qwen3Loader(TorchModule module, ModelConfig config, Weights weights, int levels) {
    this.module = module;
    this.config = config;
    this.weights = weights;
    this.levels = levels;
  }

  void load() {
    int hidden = config.hiddenSize();
    TensorEntry embed = weights.take("model.embed_tokens.weight", config.vocabSize(), hidden);
    TensorEntry head = embed;
    if (config.tieWordEmbeddings()) {
      // Some tied checkpoints hold the same matrix twice.
      weights.ignore("lm_head.weight");
    } else {
      head = weights.take("lm_head.weight", config.vocabSize(), hidden);
    }
    embed(embed);
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      layer(weights.in("model.layers." + layer));
    }
    finalNorm(weights.take("model.norm.weight", hidden));
    linear(head);
    weights.requireAllUsed();
  }

  private void layer(Weights layer) {
    int hidden = config.hiddenSize();
    int headDim = config.headDim();
    int queries = config.numAttentionHeads() * headDim;
    int keys = config.numKeyValueHeads() * headDim;
    int inner = config.intermediateSize();
    Weights attention = layer.in("self_attn");
    Weights mlp = layer.in("mlp");
    norms(
        layer.take("input_layernorm.weight", hidden),
        layer.take("post_attention_layernorm.weight", hidden),
        attention.take("q_norm.weight", headDim),
        attention.take("k_norm.weight", headDim));
    linear(
        attention.take("q_proj.weight", queries, hidden),
        attention.take("k_proj.weight", keys, hidden),
        attention.take("v_proj.weight", keys, hidden));
    linear(attention.take("o_proj.weight", hidden, queries));
    linear(mlp.take("gate_proj.weight", inner, hidden), mlp.take("up_proj.weight", inner, hidden));
    linear(mlp.take("down_proj.weight", hidden, inner));
  }

  private void embed(TensorEntry embed) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("set_embed", slices(scope, embed), torchType(embed));
    }
  }

  private void finalNorm(TensorEntry norm) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("set_final_norm", vector(scope, norm), torchType(norm));
    }
  }

  private void norms(TensorEntry input, TensorEntry post, TensorEntry query, TensorEntry key) {
    long[] types = {torchType(input), torchType(post), torchType(query), torchType(key)};
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong(
          "add_norms",
          vector(scope, input),
          vector(scope, post),
          vector(scope, query),
          vector(scope, key),
          types);
    }
  }

  /** One weight out of matrices that stand below each other. */
  private void linear(TensorEntry... parts) {
    try (TorchModule.Scope scope = module.scope()) {
      List<PtNDArray> tensors = new ArrayList<>();
      List<Long> types = new ArrayList<>();
      for (TensorEntry part : parts) {
        for (PtNDArray slice : slices(scope, part)) {
          tensors.add(slice);
          types.add(torchType(part));
        }
      }
      scope.callForLong(
          "add_linear", tensors, types.stream().mapToLong(Long::longValue).toArray(), levels);
    }
  }

  private static PtNDArray vector(TorchModule.Scope scope, TensorEntry entry) {
    long bytes = entry.rowCount() * entry.rowBytes();
    return scope.bytes(entry.rows(0, entry.rowCount()), 1, bytes);
  }

  /** A matrix in as few tensors as Java's buffers allow. */
  private static List<PtNDArray> slices(TorchModule.Scope scope, TensorEntry entry) {
    List<PtNDArray> slices = new ArrayList<>();
    for (long row = 0; row < entry.rowCount(); row += entry.maxRows()) {
      long rows = Math.min(entry.maxRows(), entry.rowCount() - row);
      slices.add(scope.bytes(entry.rows(row, rows), rows, entry.rowBytes()));
    }
    return slices;
  }

  private static long torchType(TensorEntry entry) {
    return switch (entry.dtype()) {
      case F16 -> 5;
      case F32 -> 6;
      case BF16 -> 15;
      default -> throw new IllegalStateException("a weight of type " + entry.dtype());
    };
  }
}
