package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a dense Qwen3 model. Reading it is the one place that translates the names of
 * Hugging Face's {@code config.json} (as written by transformers 4 and 5).
 *
 * @param architecture the model class, Qwen3ForCausalLM
 * @param vocabSize rows of the embedding table; may exceed the tokenizer's vocabulary
 * @param intermediateSize width of the feed-forward layers
 * @param numAttentionHeads query heads, a multiple of {@code numKeyValueHeads}
 * @param headDim width of one head, even; its product with the heads need not be {@code hiddenSize}
 * @param maxPositionEmbeddings longest context in tokens
 * @param tieWordEmbeddings whether the output layer is the embedding table
 * @param eosTokenIds tokens that end a generation; empty if the file names none
 * @param dtype the type that the weights were saved in, for information, or null
 */
public record ModelConfig(
    String architecture,
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    double rmsNormEps,
    double ropeTheta,
    int maxPositionEmbeddings,
    boolean tieWordEmbeddings,
    List<Integer> eosTokenIds,
    String dtype) {

  private static final String QWEN3 = "Qwen3ForCausalLM";

  public ModelConfig {
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /**
   * @param file a {@code config.json}
   * @throws io.qwark.engine.api.UserException if it is damaged or the model is of another kind
   */
  public static ModelConfig read(Path file) {
    Fields fields = Fields.of(file);
    refuseOtherKinds(fields);
    int vocabSize = fields.integer("vocab_size", 1, 1 << 24);
    ModelConfig config =
        new ModelConfig(
            QWEN3,
            vocabSize,
            fields.integer("hidden_size", 1, 1 << 17),
            fields.integer("intermediate_size", 1, 1 << 20),
            fields.integer("num_hidden_layers", 1, 1 << 10),
            fields.integer("num_attention_heads", 1, 1 << 12),
            fields.integer("num_key_value_heads", 1, 1 << 12),
            fields.integer("head_dim", 1, 1 << 12),
            fields.number("rms_norm_eps", Double.MIN_VALUE, 1),
            RopeFields.theta(fields),
            fields.integer("max_position_embeddings", 1, 1 << 28),
            // Qwen3Config's own default where the key is absent
            fields.flag("tie_word_embeddings", false),
            fields.tokenIds("eos_token_id", vocabSize),
            fields.text("torch_dtype", fields.text("dtype", null)));
    if (config.numAttentionHeads % config.numKeyValueHeads != 0) {
      throw Errors.damaged(
          file,
          "num_attention_heads "
              + config.numAttentionHeads
              + " is not a multiple of num_key_value_heads "
              + config.numKeyValueHeads);
    }
    if (config.headDim % 2 != 0) {
      throw Errors.damaged(
          file, "head_dim " + config.headDim + " is odd, and rotary embeddings turn pairs");
    }
    refuseOtherAttention(fields, config.numHiddenLayers);
    return config;
  }

  private static void refuseOtherKinds(Fields fields) {
    Path file = fields.file();
    String type = fields.text("model_type", "(none)");
    if (!type.equals("qwen3")) {
      throw Errors.unsupported(file, "its model_type is " + Errors.shown(type));
    }
    JsonNode classes = fields.get("architectures");
    if (classes != null && !classes.path(0).asText().equals(QWEN3)) {
      throw Errors.unsupported(
          file, "its architectures is " + Errors.shown(classes.toString()) + ", not " + QWEN3);
    }
    if (fields.get("quantization_config") != null) {
      throw Errors.unsupported(file, "it has a quantization_config: its weights are quantized");
    }
    if (fields.flag("attention_bias", false)) {
      throw Errors.unsupported(file, "its attention_bias is true");
    }
    String activation = fields.text("hidden_act", "silu");
    if (!Objects.equals(activation, "silu")) {
      throw Errors.unsupported(file, "its hidden_act is " + Errors.shown(activation));
    }
  }

  private static void refuseOtherAttention(Fields fields, int layers) {
    if (fields.flag("use_sliding_window", false)) {
      throw Errors.unsupported(fields.file(), "its use_sliding_window is true");
    }
    JsonNode types = fields.get("layer_types");
    if (types == null) {
      return;
    }
    if (!types.isArray() || types.size() != layers) {
      throw Errors.damaged(fields.file(), "`layer_types` is not a list of " + layers + " names");
    }
    for (JsonNode type : types) {
      if (!type.asText().equals("full_attention")) {
        throw Errors.unsupported(
            fields.file(), "its layer_types hold " + Errors.shown(type.toString()));
      }
    }
  }
}
