package io.qwark.engine.torch;

import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.Weights;
import io.qwark.engine.torch.Checkpoint.Slice;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hands a checkpoint's tensors, under the names that Transformers gives them, to a program. They
 * are seen through the mapped file; the program keeps them or makes its own weights of them.
 */
final class CausalLmLoader {
  private final TorchModule module;
  private final ModelConfig config;
  private final Weights weights;
  private final Linears linears;
  private final long tableType;

  /**
   * @param tableType what an embedding table is held as that cannot be taken as its file holds it
   */
  CausalLmLoader(
      TorchModule module, ModelConfig config, Weights weights, Linears linears, long tableType) {
    this.module = module;
    this.config = config;
    this.weights = weights;
    this.linears = linears;
    this.tableType = tableType;
  }

  void load() {
    int hidden = config.hiddenSize();
    Tensor embed = weights.take("model.embed_tokens.weight", config.vocabSize(), hidden);
    embed(embed);
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      layer(weights.in("model.layers." + layer));
    }
    finalNorm(weights.take("model.norm.weight", hidden));
    if (config.tieWordEmbeddings()) {
      // Some tied checkpoints hold the same matrix twice.
      weights.ignore("lm_head.weight");
      linears.tieHead(embed);
    } else {
      linears.addHead(weights.take("lm_head.weight", config.vocabSize(), hidden));
    }
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
    vectors(
        "add_norms",
        layer.take("input_layernorm.weight", hidden),
        layer.take("post_attention_layernorm.weight", hidden));
    vectors("add_qkv_bias", biases(attention, queries, keys));
    vectors("add_qk_norm", headNorms(attention));
    linears.add(
        attention.take("q_proj.weight", queries, hidden),
        attention.take("k_proj.weight", keys, hidden),
        attention.take("v_proj.weight", keys, hidden));
    linears.add(attention.take("o_proj.weight", hidden, queries));
    linears.addGated(
        mlp.take("gate_proj.weight", inner, hidden), mlp.take("up_proj.weight", inner, hidden));
    linears.add(mlp.take("down_proj.weight", hidden, inner));
  }

  private void embed(Tensor embed) {
    try (TorchModule.Scope scope = module.scope()) {
      List<Slice> slices = Checkpoint.slices(scope, embed, tableType);
      scope.callForLong(
          "set_embed", slices.stream().map(Slice::bytes).toList(), slices.get(0).dtype());
    }
  }

  private void finalNorm(Tensor norm) {
    try (TorchModule.Scope scope = module.scope()) {
      Slice slice = Checkpoint.vector(scope, norm);
      scope.callForLong("set_final_norm", slice.bytes(), slice.dtype());
    }
  }

  private Tensor[] biases(Weights attention, int queries, int keys) {
    if (!config.family().attentionBias()) {
      return new Tensor[0];
    }
    return new Tensor[] {
      attention.take("q_proj.bias", queries),
      attention.take("k_proj.bias", keys),
      attention.take("v_proj.bias", keys)
    };
  }

  private Tensor[] headNorms(Weights attention) {
    if (!config.family().qkNorm()) {
      return new Tensor[0];
    }
    return new Tensor[] {
      attention.take("q_norm.weight", config.headDim()),
      attention.take("k_norm.weight", config.headDim())
    };
  }

  private void vectors(String method, Tensor... tensors) {
    try (TorchModule.Scope scope = module.scope()) {
      Checkpoint.hand(
          scope, method, Stream.of(tensors).map(t -> Checkpoint.vector(scope, t)).toList());
    }
  }
}
