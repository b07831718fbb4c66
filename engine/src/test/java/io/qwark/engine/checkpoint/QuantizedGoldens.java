package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Small models in each format, written by src/test/python/quantized_goldens.py together with what
 * their weights are and what Transformers computes with them.
 */
public final class QuantizedGoldens {
  /** A plain model, the base of the adapters. */
  public static final String PLAIN = "plain";

  public static final List<String> MODELS =
      List.of(
          "fp8-blocks",
          "fp8-ragged",
          "gptq-4-sym",
          "gptq-4-act-order",
          "gptq-8-rows-v2",
          "gptq-2-v2",
          "awq",
          "ct-w4-groups",
          "ct-w4-asym-reordered",
          "ct-w4-rows",
          "ct-w8-groups",
          "ct-int8",
          "ct-fp8",
          "mlx-4",
          "mlx-3-own");

  public static final List<String> ADAPTERS = List.of("lora", "lora-patterns");

  private static final Path ROOT = Path.of("src/test/resources/goldens/quantized");

  private QuantizedGoldens() {}

  public static Path folder(String name) {
    return ROOT.resolve(name);
  }

  /** SHA-256 of each weight's numbers as little-endian float32, in hexadecimal. */
  static Map<String, String> digests(String name) {
    Map<String, String> digests = new TreeMap<>();
    expected(name)
        .get("sha256")
        .properties()
        .forEach(e -> digests.put(e.getKey(), e.getValue().textValue()));
    return digests;
  }

  public static int[] prompt(String name) {
    JsonNode prompt = expected(name).get("prompt");
    return IntStream.range(0, prompt.size()).map(i -> prompt.get(i).asInt()).toArray();
  }

  /** (prompt, vocabulary) */
  public static float[][] logits(String name) {
    TensorEntry entry = SafeTensors.open(folder(name).resolve("logits")).find("prefill");
    float[][] rows = new float[(int) entry.rowCount()][(int) entry.rowSize()];
    for (int r = 0; r < rows.length; r++) {
      entry.read(r, 1, rows[r]);
    }
    return rows;
  }

  private static JsonNode expected(String name) {
    try {
      return new ObjectMapper().readTree(folder(name).resolve("expected.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a model's or an adapter's own files. */
  static void copy(String name, Path to) throws IOException {
    try (var files = Files.list(folder(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
