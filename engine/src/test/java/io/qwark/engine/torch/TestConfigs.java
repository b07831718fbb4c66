package io.qwark.engine.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configurations of models that have no weights. */
final class TestConfigs {
  private TestConfigs() {}

  static ModelConfig qwen3(Path folder, int hidden, int inner, int heads, int keys, int headDim)
      throws IOException {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config
        .put("model_type", "qwen3")
        .put("vocab_size", 100)
        .put("hidden_size", hidden)
        .put("intermediate_size", inner)
        .put("num_hidden_layers", 1)
        .put("num_attention_heads", heads)
        .put("num_key_value_heads", keys)
        .put("head_dim", headDim)
        .put("rms_norm_eps", 1e-6)
        .put("rope_theta", 1e6)
        .put("max_position_embeddings", 512);
    return ModelConfig.read(Files.writeString(folder.resolve("config.json"), config.toString()));
  }
}
