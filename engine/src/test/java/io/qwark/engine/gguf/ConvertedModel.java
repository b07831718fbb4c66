package io.qwark.engine.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.checkpoint.Family;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.RopeScaling;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Writes a model of a Hugging Face folder as convert_hf_to_gguf.py of llama.cpp does, in F32: its
 * names, its order of q and k for Llama, its factors for Llama 3's frequencies, its kinds of
 * tokens.
 */
record ConvertedModel(ModelConfig config, SafeTensors tensors) {
  private static final List<Map.Entry<String, String>> NAMES =
      List.of(
          Map.entry("model.layers.", "blk."),
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("lm_head", "output"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  static ConvertedModel of(Path folder) {
    return new ConvertedModel(
        ModelConfig.read(folder.resolve("config.json")), SafeTensors.open(folder));
  }

  /** All of a model but the tokenizer. */
  GgufWriter whole() {
    GgufWriter writer = metadata();
    addTensors(writer, name -> true);
    return writer;
  }

  GgufWriter metadata() {
    String arch = config.family().modelType() + ".";
    GgufWriter writer =
        new GgufWriter()
            .put("general.architecture", config.family().modelType())
            .put(arch + "vocab_size", config.vocabSize())
            .put(arch + "context_length", config.maxPositionEmbeddings())
            .put(arch + "embedding_length", config.hiddenSize())
            .put(arch + "block_count", config.numHiddenLayers())
            .put(arch + "feed_forward_length", config.intermediateSize())
            .put(arch + "attention.head_count", config.numAttentionHeads())
            .put(arch + "attention.head_count_kv", config.numKeyValueHeads())
            .put(arch + "attention.layer_norm_rms_epsilon", (float) config.rmsNormEps())
            .put(arch + "rope.freq_base", (float) config.ropeTheta())
            .put(arch + "rope.dimension_count", config.headDim())
            .put("tokenizer.ggml.tokens", List.of("<|endoftext|>", "b", "c"))
            .put("tokenizer.ggml.token_type", List.of(3, 1, 1))
            .put("tokenizer.ggml.eos_token_id", 0);
    if (config.family() == Family.QWEN3) {
      writer.put(arch + "attention.key_length", config.headDim());
      writer.put(arch + "attention.value_length", config.headDim());
    }
    if (config.ropeScaling() instanceof RopeScaling.Yarn yarn) {
      writer
          .put(arch + "rope.scaling.type", "yarn")
          .put(arch + "rope.scaling.factor", (float) yarn.factor())
          .put(arch + "rope.scaling.original_context_length", yarn.originalMaxPositions());
    }
    if (config.ropeScaling() instanceof RopeScaling.Llama3 llama3) {
      float[] factors = factors(llama3, config);
      writer.f32("rope_freqs.weight", new long[] {factors.length}, factors);
    }
    return writer;
  }

  void addTensors(GgufWriter writer, Predicate<String> wanted) {
    for (Tensor tensor : tensors.entries()) {
      boolean repeated = config.tieWordEmbeddings() && tensor.name().equals("lm_head.weight");
      if (repeated || !wanted.test(tensor.name())) {
        continue;
      }
      float[] numbers = new float[(int) tensor.size()];
      tensor.read(0, (int) tensor.rowCount(), numbers);
      if (config.family() == Family.LLAMA && tensor.name().contains("q_proj")) {
        numbers = permuted(numbers, config.numAttentionHeads(), tensor);
      }
      if (config.family() == Family.LLAMA && tensor.name().contains("k_proj")) {
        numbers = permuted(numbers, config.numKeyValueHeads(), tensor);
      }
      writer.f32(name(tensor.name()), tensor.shape(), numbers);
    }
  }

  private static String name(String name) {
    String there = name;
    for (Map.Entry<String, String> each : NAMES) {
      there = there.replace(each.getKey(), each.getValue());
    }
    return there;
  }

  /** {@code reshape(heads, 2, d / 2, width).swapaxes(1, 2)}. */
  private static float[] permuted(float[] from, int heads, Tensor tensor) {
    int width = (int) tensor.rowSize();
    int half = (int) tensor.rowCount() / heads / 2;
    float[] to = new float[from.length];
    for (int head = 0; head < heads; head++) {
      for (int part = 0; part < 2; part++) {
        for (int i = 0; i < half; i++) {
          int source = (head * 2 + part) * half + i;
          int target = (head * half + i) * 2 + part;
          System.arraycopy(from, source * width, to, target * width, width);
        }
      }
    }
    return to;
  }

  private static float[] factors(RopeScaling.Llama3 scaling, ModelConfig config) {
    float[] factors = new float[config.headDim() / 2];
    double original = scaling.originalMaxPositions();
    for (int i = 0; i < factors.length; i++) {
      double wave = 2 * Math.PI * Math.pow(config.ropeTheta(), 2.0 * i / config.headDim());
      double smooth =
          (original / wave - scaling.lowFreqFactor())
              / (scaling.highFreqFactor() - scaling.lowFreqFactor());
      factors[i] =
          wave < original / scaling.highFreqFactor()
              ? 1
              : wave > original / scaling.lowFreqFactor()
                  ? (float) scaling.factor()
                  : (float) (1 / ((1 - smooth) / scaling.factor() + smooth));
    }
    return factors;
  }

  /** Adds a byte-level BPE tokenizer. */
  static GgufWriter addTokenizer(GgufWriter writer, Path tokenizerJson, String pre)
      throws IOException {
    JsonNode json = new ObjectMapper().readTree(Files.readString(tokenizerJson));
    List<String> tokens = new ArrayList<>();
    json.at("/model/vocab")
        .properties()
        .forEach(e -> set(tokens, e.getValue().asInt(), e.getKey()));
    List<Integer> kinds = new ArrayList<>(Collections.nCopies(tokens.size(), 1));
    for (JsonNode added : json.get("added_tokens")) {
      int id = added.get("id").asInt();
      set(tokens, id, added.get("content").asText());
      set(kinds, id, added.get("special").asBoolean() ? 3 : 4);
    }
    set(tokens, tokens.size(), "[PAD" + tokens.size() + "]");
    kinds.add(5);
    List<String> merges = new ArrayList<>();
    json.at("/model/merges")
        .forEach(
            m ->
                merges.add(m.isArray() ? m.get(0).asText() + " " + m.get(1).asText() : m.asText()));
    return writer
        .put("tokenizer.ggml.model", "gpt2")
        .put("tokenizer.ggml.pre", pre)
        .put("tokenizer.ggml.tokens", tokens)
        .put("tokenizer.ggml.token_type", kinds)
        .put("tokenizer.ggml.merges", merges);
  }

  private static <T> void set(List<T> list, int at, T value) {
    while (list.size() <= at) {
      list.add(null);
    }
    list.set(at, value);
  }
}
