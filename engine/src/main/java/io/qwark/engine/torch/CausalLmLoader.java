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

  CausalLmLoader(TorchModule module, ModelConfig config, Weights weights, Linears linears) {
    this.module = module;
    this.config = config;
    this.weights = weights;
    this.linears = linears;
  }

  void load() {
    int hidden = config.hiddenSize();
    Tensor embed = weights.take("model.embed_tokens.weight", config.vocabSize(), hidden);
    Tensor head = embed;
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
    linears.add(head);
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
    linears.add(
        attention.take("q_proj.weight", queries, hidden),
        attention.take("k_proj.weight", keys, hidden),
        attention.take("v_proj.weight", keys, hidden));
    linears.add(attention.take("o_proj.weight", hidden, queries));
    linears.add(
        mlp.take("gate_proj.weight", inner, hidden), mlp.take("up_proj.weight", inner, hidden));
    linears.add(mlp.take("down_proj.weight", hidden, inner));
  }

  private void embed(Tensor embed) {
    try (TorchModule.Scope scope = module.scope()) {
      // Tables that have to be read are held as most checkpoints hold them.
      List<Slice> slices = Checkpoint.slices(scope, embed, Checkpoint.BFLOAT16);
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

  private void norms(Tensor input, Tensor post, Tensor query, Tensor key) {
    try (TorchModule.Scope scope = module.scope()) {
      List<Slice> slices =
          Stream.of(input, post, query, key).map(t -> Checkpoint.vector(scope, t)).toList();
      scope.callForLong(
          "add_norms",
          slices.get(0).bytes(),
          slices.get(1).bytes(),
          slices.get(2).bytes(),
          slices.get(3).bytes(),
          slices.stream().mapToLong(Slice::dtype).toArray());
    }
  }
}
