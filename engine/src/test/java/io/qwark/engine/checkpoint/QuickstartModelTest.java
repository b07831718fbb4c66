package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.text.ChatTemplate;
import io.qwark.engine.text.Tokenizer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The quickstart model was written by transformers: its folder must read as a whole. */
class QuickstartModelTest {
  private final ModelFolder folder =
      ModelFolder.open(Path.of("..", "datasets", "quickstart", "model"));

  @Test
  void allWeightsHaveTheShapesThatTheConfigGives() {
    ModelConfig config = folder.config();
    Weights weights = Weights.of(folder.tensors());
    int hidden = config.hiddenSize();
    int queries = config.numAttentionHeads() * config.headDim();
    int keys = config.numKeyValueHeads() * config.headDim();
    weights.take("model.embed_tokens.weight", config.vocabSize(), hidden);
    weights.take("model.norm.weight", hidden);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      Weights layer = weights.in("model.layers." + i);
      layer.take("input_layernorm.weight", hidden);
      layer.take("post_attention_layernorm.weight", hidden);
      layer.take("self_attn.q_proj.weight", queries, hidden);
      layer.take("self_attn.k_proj.weight", keys, hidden);
      layer.take("self_attn.v_proj.weight", keys, hidden);
      layer.take("self_attn.o_proj.weight", hidden, queries);
      layer.take("self_attn.q_norm.weight", config.headDim());
      layer.take("self_attn.k_norm.weight", config.headDim());
      layer.take("mlp.gate_proj.weight", config.intermediateSize(), hidden);
      layer.take("mlp.up_proj.weight", config.intermediateSize(), hidden);
      layer.take("mlp.down_proj.weight", hidden, config.intermediateSize());
    }
    weights.ignore("lm_head.weight");
    weights.requireAllUsed();
  }

  @Test
  void generationEndsWithTheTokensOfItsTokenizer() {
    GenerationDefaults defaults = folder.generationDefaults();
    try (Tokenizer tokenizer = Tokenizer.of(folder.tokenizerJson(), folder.path())) {
      assertEquals(
          "<|im_end|>", tokenizer.decode(new int[] {defaults.eosTokenIds().get(0)}, false));
    }
  }

  @Test
  void itsTemplateOpensReasoning() {
    assertEquals(ChatTemplate.QWEN3_THINKING_2507, ChatTemplate.recognise(folder.chatTemplate()));
  }
}
