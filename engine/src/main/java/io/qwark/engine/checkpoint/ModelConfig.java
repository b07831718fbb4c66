package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a model and what its family leaves open. Reading it is the one place that translates
 * the names of Hugging Face's {@code config.json} (as written by transformers 4 and 5).
 *
 * @param family what it computes
 * @param vocabSize rows of the embedding table; may exceed the tokenizer's vocabulary
 * @param intermediateSize width of the feed-forward layers
 * @param numAttentionHeads query heads, a multiple of {@code numKeyValueHeads}
 * @param headDim width of one head, even; its product with the heads need not be {@code hiddenSize}
 * @param ropeTheta base of the rotary embedding
 * @param maxPositionEmbeddings longest context in tokens
 * @param tieWordEmbeddings whether the output layer is the embedding table
 * @param eosTokenIds tokens that end a generation; empty if the file names none
 * @param dtype the type that the weights were saved in, for information, or null
 */
public record ModelConfig(
    Family family,
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    double rmsNormEps,
    double ropeTheta,
    RopeScaling ropeScaling,
    int maxPositionEmbeddings,
    boolean tieWordEmbeddings,
    List<Integer> eosTokenIds,
    String dtype) {

  public ModelConfig {
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /**
   * @param file a {@code config.json}
   * @throws io.qwark.engine.api.UserException if it is damaged or the model is of another kind
   */
  public static ModelConfig read(Path file) {
    Fields fields = Fields.of(file);
    Family family = family(fields);
    refuseOtherKinds(fields, family);
    int vocabSize = fields.integer("vocab_size", 1, 1 << 24);
    int hiddenSize = fields.integer("hidden_size", 1, 1 << 17);
    int heads = fields.integer("num_attention_heads", 1, 1 << 12);
    int maxPositions = fields.integer("max_position_embeddings", 1, 1 << 28);
    RopeFields rope = new RopeFields(fields);
    RopeScaling scaling = rope.scaling(maxPositions);
    ModelConfig config =
        new ModelConfig(
            family,
            vocabSize,
            hiddenSize,
            fields.integer("intermediate_size", 1, 1 << 20),
            fields.integer("num_hidden_layers", 1, 1 << 10),
            heads,
            keyValueHeads(fields, family, heads),
            headDim(fields, family, hiddenSize, heads),
            fields.number("rms_norm_eps", Double.MIN_VALUE, 1),
            rope.theta(family),
            scaling,
            context(maxPositions, scaling),
            // the default of all three families' config classes where the key is absent
            fields.flag("tie_word_embeddings", false),
            fields.tokenIds("eos_token_id", vocabSize),
            fields.text("torch_dtype", fields.text("dtype", null)));
    config.check(file);
    refuseSlidingWindows(fields, config.numHiddenLayers);
    return config;
  }

  /** The class in Transformers. */
  public String architecture() {
    return family.architecture();
  }

  /**
   * Checks what the parts say about each other; whoever builds a config out of a file calls it.
   *
   * @param file for the message
   * @throws io.qwark.engine.api.UserException if they contradict each other
   */
  public void check(Path file) {
    if (numAttentionHeads % numKeyValueHeads != 0) {
      throw Errors.damaged(
          file,
          "num_attention_heads "
              + numAttentionHeads
              + " is not a multiple of num_key_value_heads "
              + numKeyValueHeads);
    }
    if (headDim % 2 != 0) {
      throw Errors.damaged(
          file, "head_dim " + headDim + " is odd, and rotary embeddings turn pairs");
    }
    if (ropeScaling instanceof RopeScaling.Divided divided && divided.size() != headDim / 2) {
      throw Errors.damaged(
          file,
          "it has "
              + divided.size()
              + " factors for the "
              + headDim / 2
              + " frequencies of a head");
    }
  }

  private static Family family(Fields fields) {
    Path file = fields.file();
    String type = fields.text("model_type", "(none)");
    Family family = Family.of(type);
    if (family == null) {
      throw Errors.unsupported(file, "its model_type is " + Errors.shown(type));
    }
    JsonNode classes = fields.get("architectures");
    if (classes != null && !classes.path(0).asText().equals(family.architecture())) {
      throw Errors.unsupported(
          file,
          "its architectures is "
              + Errors.shown(classes.toString())
              + ", not "
              + family.architecture());
    }
    return family;
  }

  /** Llama's configs of before heads were grouped do not name their number. */
  private static int keyValueHeads(Fields fields, Family family, int heads) {
    String key = "num_key_value_heads";
    return fields.get(key) == null && family == Family.LLAMA
        ? heads
        : fields.integer(key, 1, 1 << 12);
  }

  private static int headDim(Fields fields, Family family, int hiddenSize, int heads) {
    String key = "head_dim";
    if (fields.get(key) != null || family == Family.QWEN3) {
      return fields.integer(key, 1, 1 << 12);
    }
    if (hiddenSize % heads != 0) {
      throw Errors.damaged(
          fields.file(),
          "hidden_size "
              + hiddenSize
              + " is not a multiple of num_attention_heads "
              + heads
              + ", and it gives no head_dim");
    }
    return hiddenSize / heads;
  }

  /**
   * Qwen's model cards extend a context by adding YaRN and leave max_position_embeddings as it is.
   */
  private static int context(int maxPositions, RopeScaling scaling) {
    return scaling instanceof RopeScaling.Yarn yarn
        ? Math.max(
            maxPositions, (int) Math.min(1 << 28, yarn.factor() * yarn.originalMaxPositions()))
        : maxPositions;
  }

  private static void refuseOtherKinds(Fields fields, Family family) {
    Path file = fields.file();
    // Qwen2's class does not know the key: its biases are always there, and never the output's.
    if (family != Family.QWEN2 && fields.flag("attention_bias", false)) {
      throw Errors.unsupported(file, "its attention_bias is true");
    }
    if (fields.flag("mlp_bias", false)) {
      throw Errors.unsupported(file, "its mlp_bias is true");
    }
    String activation = fields.text("hidden_act", "silu");
    if (!Objects.equals(activation, "silu")) {
      throw Errors.unsupported(file, "its hidden_act is " + Errors.shown(activation));
    }
    if (fields.number("partial_rotary_factor", 0, 1, 1) != 1) {
      throw Errors.unsupported(file, "its partial_rotary_factor is not 1");
    }
  }

  /**
   * A window is in use where use_sliding_window is true, from layer max_window_layers on, unless
   * layer_types says it for each layer.
   */
  private static void refuseSlidingWindows(Fields fields, int layers) {
    JsonNode types = fields.get("layer_types");
    if (types == null) {
      boolean slides =
          fields.flag("use_sliding_window", false)
              && fields.get("sliding_window") != null
              && fields.number("max_window_layers", 0, 1 << 20, 28) < layers;
      if (slides) {
        throw Errors.unsupported(
            fields.file(), "its use_sliding_window is true: layers see a window, not all tokens");
      }
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
