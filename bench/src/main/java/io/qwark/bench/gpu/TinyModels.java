package io.qwark.bench.gpu;

import io.qwark.bench.GreedyTexts;
import io.qwark.bench.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The models of the engine's tests, with texts that Transformers wrote in float32. */
record TinyModels(Map<String, Path> folders, Map<String, List<GreedyTexts.Text>> texts) {
  private static final String GOLDENS = "engine/src/test/resources/goldens/";

  /** The one that has a tokenizer. */
  static final String WITH_TOKENIZER = "quickstart";

  private static final List<String> RANDOM =
      List.of("random-untied", "random-tied", "random-qwen2", "random-llama", "random-yarn");

  /** More tokens of one sequence in a step than operators take in one piece. */
  private static final int LONG = 600;

  static TinyModels find() throws IOException {
    Map<String, Path> folders = new TreeMap<>();
    Map<String, List<GreedyTexts.Text>> texts = new TreeMap<>();
    folders.put(WITH_TOKENIZER, Repository.file("datasets/quickstart/model"));
    for (String name : RANDOM) {
      folders.put(name, Repository.file(GOLDENS + name + "/model"));
    }
    for (String name : folders.keySet()) {
      List<GreedyTexts.Text> goldens =
          GreedyTexts.goldens(Repository.file(GOLDENS + name + "/greedy.jsonl"));
      List<GreedyTexts.Text> all = new ArrayList<>(goldens);
      all.add(joined(goldens));
      texts.put(name, all);
    }
    return new TinyModels(folders, texts);
  }

  /** The beginning of all of them, one after the other. */
  static GreedyTexts.Text joined(List<GreedyTexts.Text> texts) {
    int[] prompt = texts.get(0).prompt();
    int[] tokens =
        texts.stream()
            .flatMapToInt(
                text ->
                    IntStream.concat(Arrays.stream(text.prompt()), Arrays.stream(text.output())))
            .limit(LONG)
            .toArray();
    return new GreedyTexts.Text(prompt, Arrays.copyOfRange(tokens, prompt.length, tokens.length));
  }
}
