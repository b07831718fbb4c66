package io.qwark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Shape.Tensor;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Writes a model folder of a given shape with random weights in bf16: what a model says depends on
 * its weights, how fast it is does not. The tokenizer is the quickstart model's, whose tokens are
 * fewer than the real shapes' vocabularies, which Qwen3 allows: theirs are padded as well.
 */
public final class RandomCheckpoint {
  /** Bytes of a shard's tensors at the most, unless one tensor is larger. */
  private static final long SHARD_BYTES = 3_000_000_000L;

  static final int CONTEXT = 40_960;
  static final double NORM_EPSILON = 1e-6;
  static final int ROPE_THETA = 1_000_000;

  private static final List<String> TOKENIZER_FILES =
      List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json");

  private static final ObjectMapper JSON = new ObjectMapper();

  private RandomCheckpoint() {}

  public static void main(String[] args) {
    Arguments.run(
        args,
        "RandomCheckpoint --shape tiny|0.6b|4b --to FOLDER",
        arguments -> {
          Shape shape = Shape.of(arguments.required("shape"));
          Path folder = Path.of(arguments.required("to"));
          arguments.requireAllUsed();
          write(shape, folder);
        });
  }

  /** Writes the folder. The weights' index comes last, so that half a folder has none. */
  public static void write(Shape shape, Path folder) throws IOException {
    if (Files.exists(folder)) {
      throw new UserException(
          "Cannot write a checkpoint to " + folder, "it exists", "Name a new folder");
    }
    Files.createDirectories(folder);
    Path quickstart = Repository.file("datasets/quickstart/model");
    for (String name : TOKENIZER_FILES) {
      Files.copy(quickstart.resolve(name), folder.resolve(name));
    }
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(folder.resolve("config.json").toFile(), config(shape));
    List<List<Tensor>> shards = shards(shape.tensors());
    Map<String, String> weightMap = new LinkedHashMap<>();
    List<CompletableFuture<Void>> writing = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      List<Tensor> shard = shards.get(i);
      int seed = i;
      writing.add(CompletableFuture.runAsync(() -> writeShard(folder.resolve(name), shard, seed)));
      shard.forEach(tensor -> weightMap.put(tensor.name(), name));
    }
    writing.forEach(CompletableFuture::join);
    long bytes = shape.tensors().stream().mapToLong(RandomShard::bytes).sum();
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("metadata", Map.of("total_size", bytes));
    index.put("weight_map", weightMap);
    JSON.writeValue(folder.resolve("model.safetensors.index.json").toFile(), index);
  }

  private static void writeShard(Path file, List<Tensor> tensors, int seed) {
    try {
      RandomShard.write(file, tensors, seed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<List<Tensor>> shards(List<Tensor> tensors) {
    List<List<Tensor>> shards = new ArrayList<>();
    long bytes = SHARD_BYTES;
    for (Tensor tensor : tensors) {
      if (bytes + RandomShard.bytes(tensor) > SHARD_BYTES) {
        shards.add(new ArrayList<>());
        bytes = 0;
      }
      shards.get(shards.size() - 1).add(tensor);
      bytes += RandomShard.bytes(tensor);
    }
    return shards;
  }

  private static Map<String, Object> config(Shape shape) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("Qwen3ForCausalLM"));
    config.put("model_type", "qwen3");
    config.put("torch_dtype", "bfloat16");
    config.put("vocab_size", shape.vocabSize);
    config.put("hidden_size", shape.hiddenSize);
    config.put("intermediate_size", shape.intermediateSize);
    config.put("num_hidden_layers", shape.layers);
    config.put("num_attention_heads", shape.attentionHeads);
    config.put("num_key_value_heads", shape.keyValueHeads);
    config.put("head_dim", shape.headDim);
    config.put("hidden_act", "silu");
    config.put("rms_norm_eps", NORM_EPSILON);
    config.put("rope_theta", ROPE_THETA);
    config.put("max_position_embeddings", CONTEXT);
    config.put("tie_word_embeddings", true);
    config.put("attention_bias", false);
    return config;
  }
}
