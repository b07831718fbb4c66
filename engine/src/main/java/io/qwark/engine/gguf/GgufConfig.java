package io.qwark.engine.gguf;

import io.qwark.engine.checkpoint.Family;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.RopeScaling;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Translates llama.cpp's names for a model's shape ({@code gguf.constants.Keys} of gguf-py), which
 * begin with the architecture: {@code qwen3.block_count}.
 */
final class GgufConfig {
  private static final String ARCHITECTURE = "general.architecture";
  private static final String HEADS = "attention.head_count";
  private static final String KEY_VALUE_HEADS = "attention.head_count_kv";
  private static final String KEY_LENGTH = "attention.key_length";
  private static final String VALUE_LENGTH = "attention.value_length";
  private static final String NORM_EPSILON = "attention.layer_norm_rms_epsilon";
  private static final String WINDOW = "attention.sliding_window";
  private static final String EXPERTS = "expert_count";
  private static final String EXPERTS_USED = "expert_used_count";

  private static final int MOST_HEADS = 1 << 12;

  /** Keys whose meaning is heeded; those of {@link GgufRope} beside them. */
  private static final Set<String> READ =
      Set.of(
          "context_length",
          "embedding_length",
          "block_count",
          "feed_forward_length",
          "vocab_size",
          "rope.freq_base",
          "rope.dimension_count",
          // How the converter of old laid out q and k; always as RowOrder has it since version 2.
          "tensor_data_layout",
          HEADS,
          KEY_VALUE_HEADS,
          KEY_LENGTH,
          VALUE_LENGTH,
          NORM_EPSILON,
          WINDOW,
          EXPERTS,
          EXPERTS_USED);

  private final GgufParts parts;
  private final Path file;
  private final GgufMetadata metadata;
  private final Family family;

  private GgufConfig(GgufParts parts) {
    this.parts = parts;
    this.file = parts.path();
    this.metadata = parts.metadata();
    this.family = family(parts);
  }

  /**
   * @throws io.qwark.engine.api.UserException if a key is missing or out of its range, or the model
   *     is of another kind
   */
  static ModelConfig of(GgufParts parts) {
    return new GgufConfig(parts).config();
  }

  static Family family(GgufParts parts) {
    String name = parts.metadata().text(ARCHITECTURE);
    String known =
        Arrays.stream(Family.values()).map(Family::modelType).collect(Collectors.joining(", "));
    return Arrays.stream(Family.values())
        .filter(f -> f.modelType().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                GgufErrors.unsupported(
                    parts.path(),
                    "its " + ARCHITECTURE + " is " + GgufErrors.shown(name),
                    "Choose a model of the architectures " + known));
  }

  /** How many heads queries have, or keys. */
  static int heads(GgufParts parts, boolean queries) {
    String architecture = family(parts).modelType() + ".";
    int heads = parts.metadata().integer(architecture + HEADS, 1, MOST_HEADS);
    String key = architecture + KEY_VALUE_HEADS;
    return queries ? heads : parts.metadata().integer(key, 1, MOST_HEADS, heads);
  }

  private ModelConfig config() {
    refuseOtherKinds();
    TensorInfo embedding = parts.find(GgufNames.EMBEDDING);
    if (embedding == null || embedding.shape().length != 2) {
      throw GgufErrors.damaged(file, "it has no matrix " + GgufNames.EMBEDDING);
    }
    long rows = embedding.shape()[0];
    if (rows > 1 << 24) {
      throw GgufErrors.tensor(file, embedding.name(), "has " + rows + " rows, one for each token");
    }
    int vocabSize = (int) rows;
    int hidden = integer("embedding_length", 1 << 17);
    int heads = heads(parts, true);
    int headDim = headDim(hidden, heads);
    int context = integer("context_length", 1 << 28);
    RopeScaling scaling = new GgufRope(parts, key("rope.scaling.")).scaling(context);
    ModelConfig config =
        new ModelConfig(
            family,
            vocabSize,
            hidden,
            integer("feed_forward_length", 1 << 20),
            integer("block_count", 1 << 10),
            heads,
            heads(parts, false),
            headDim,
            metadata.number(key(NORM_EPSILON), Double.MIN_VALUE, 1),
            // What llama.cpp takes where the key is absent.
            metadata.number(key("rope.freq_base"), 1, 1e12, 10_000),
            scaling,
            scaling instanceof RopeScaling.Yarn yarn
                ? (int)
                    Math.min(
                        1 << 28, Math.max(context, yarn.factor() * yarn.originalMaxPositions()))
                : context,
            parts.find(GgufNames.OUTPUT) == null,
            endTokens(vocabSize),
            embedding.type().name());
    config.check(file);
    return config;
  }

  private List<Integer> endTokens(int vocabSize) {
    return GgufSampling.endTokens(metadata).stream().filter(id -> id < vocabSize).toList();
  }

  private String key(String name) {
    return family.modelType() + "." + name;
  }

  private int integer(String name, int most) {
    return metadata.integer(key(name), 1, most);
  }

  private int headDim(int hidden, int heads) {
    if (!metadata.has(key(KEY_LENGTH)) && hidden % heads != 0) {
      throw GgufErrors.damaged(
          file, "`" + key("embedding_length") + "` is no multiple of the " + heads + " heads");
    }
    int headDim = metadata.integer(key(KEY_LENGTH), 1, 1 << 12, hidden / heads);
    for (String same : List.of(VALUE_LENGTH, "rope.dimension_count")) {
      int other = metadata.integer(key(same), 1, 1 << 12, headDim);
      if (other != headDim) {
        throw GgufErrors.unsupported(
            file,
            "its `" + key(same) + "` is " + other + " and its heads have " + headDim,
            "Choose a model that turns whole heads of one width");
      }
    }
    return headDim;
  }

  /** A key of the architecture may change what is computed: none goes unheeded. */
  private void refuseOtherKinds() {
    int experts = metadata.integer(key(EXPERTS), 0, 1 << 16, 0);
    if (experts > 0) {
      throw GgufErrors.unsupported(
          file, "it is a mixture of " + experts + " experts", "Choose a dense model");
    }
    int window = metadata.integer(key(WINDOW), 0, Integer.MAX_VALUE, 0);
    if (window > 0) {
      throw GgufErrors.unsupported(
          file,
          "its `" + key(WINDOW) + "` is " + window + ": layers see a window, not all tokens",
          "Choose a model with full attention");
    }
    for (String key : metadata.keys()) {
      String name = key.startsWith(key("")) ? key.substring(key("").length()) : "block_count";
      if (!READ.contains(name) && !GgufRope.KEYS.contains(name)) {
        throw GgufErrors.unsupported(
            file,
            "its metadata has `" + GgufErrors.shown(key) + "`, which is not known",
            "Choose a plain " + family.modelType() + " model");
      }
    }
  }
}
