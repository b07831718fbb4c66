package io.qwark.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.TensorEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Models and what Transformers computes with them, in float32; written by
 * src/test/python/make_goldens.py.
 */
final class Goldens {
  static final List<String> MODELS =
      List.of(
          "quickstart",
          "random-tied",
          "random-untied",
          "random-yarn",
          "random-qwen2",
          "random-llama",
          "random-llama-tied");

  private static final Path ROOT = Path.of("src/test/resources/goldens");
  private static final Path QUICKSTART = Path.of("../datasets/quickstart/model");

  /** A prompt and its greedy continuation. */
  record Case(int[] prompt, int[] greedy) {}

  private Goldens() {}

  static Path modelFolder(String name) {
    return name.equals("quickstart") ? QUICKSTART : ROOT.resolve(name).resolve("model");
  }

  static ModelConfig config(String name) {
    return ModelConfig.read(modelFolder(name).resolve("config.json"));
  }

  /** (rows, vocabulary) */
  static float[][] logits(String name, String tensor) {
    TensorEntry entry = SafeTensors.open(ROOT.resolve(name).resolve("logits")).find(tensor);
    float[][] rows = new float[(int) entry.rowCount()][(int) entry.rowBytes() / Float.BYTES];
    for (int r = 0; r < rows.length; r++) {
      entry.rows(r, 1).asFloatBuffer().get(rows[r]);
    }
    return rows;
  }

  /** A greedy continuation in bfloat16, and how far each token was ahead of the second best. */
  record Bfloat16(int[] greedy, double[] leads) {}

  /** Of the prompts of {@link #cases}; written by src/test/python/bfloat16_goldens.py. */
  static List<Bfloat16> bfloat16(String name) {
    return lines(
        ROOT.resolve(name).resolve("bfloat16/greedy.jsonl"),
        node ->
            new Bfloat16(
                ints(node.get("greedy")),
                IntStream.range(0, node.get("leads").size())
                    .mapToDouble(i -> node.get("leads").get(i).asDouble())
                    .toArray()));
  }

  /** Logits of the first prompt in bfloat16, (rows, vocabulary). */
  static float[][] bfloat16Logits(String name) {
    TensorEntry entry = SafeTensors.open(ROOT.resolve(name).resolve("bfloat16")).find("prefill");
    float[][] rows = new float[(int) entry.rowCount()][(int) entry.rowSize()];
    for (int r = 0; r < rows.length; r++) {
      entry.read(r, 1, rows[r]);
    }
    return rows;
  }

  static List<Case> cases(String name) {
    return lines(
        ROOT.resolve(name).resolve("greedy.jsonl"),
        node -> new Case(ints(node.get("prompt")), ints(node.get("greedy"))));
  }

  private static <T> List<T> lines(Path file, Function<JsonNode, T> parse) {
    ObjectMapper json = new ObjectMapper();
    try {
      List<T> read = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        read.add(parse.apply(json.readTree(line)));
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SamplingParams greedy(int maxTokens) {
    return SamplingOptions.builder()
        .temperature(0.0)
        .maxTokens(maxTokens)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }
}
