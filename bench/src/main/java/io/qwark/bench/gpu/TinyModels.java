package io.qwark.bench.gpu;

import io.qwark.bench.GreedyTexts;
import io.qwark.bench.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The models of the engine's tests, with texts that Transformers wrote in float32. */
record TinyModels(Map<String, Path> folders, Map<String, List<GreedyTexts.Text>> texts) {
  private static final String GOLDENS = "engine/src/test/resources/goldens/";

  /** The one that has a tokenizer. */
  static final String WITH_TOKENIZER = "quickstart";

  private static final List<String> RANDOM =
      List.of("random-untied", "random-tied", "random-qwen2", "random-llama", "random-yarn");

  static TinyModels find() throws IOException {
    Map<String, Path> folders = new TreeMap<>();
    Map<String, List<GreedyTexts.Text>> texts = new TreeMap<>();
    folders.put(WITH_TOKENIZER, Repository.file("datasets/quickstart/model"));
    for (String name : RANDOM) {
      folders.put(name, Repository.file(GOLDENS + name + "/model"));
    }
    for (String name : folders.keySet()) {
      texts.put(name, GreedyTexts.goldens(Repository.file(GOLDENS + name + "/greedy.jsonl")));
    }
    return new TinyModels(folders, texts);
  }
}
