package io.qwark.bench.gpu;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.GreedyTexts;
import io.qwark.bench.RequestLists;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Prompts that Transformers is to continue greedily.
 *
 * @param folder of the model
 * @param tokens to follow each prompt
 */
record PeerTask(String name, Path folder, int tokens, List<int[]> prompts) {
  private static final int PROMPTS = 4;
  private static final int TOKENS = 24;
  private static final int RANDOM_PROMPT = 48;

  private static final ObjectMapper JSON = new ObjectMapper();

  @JsonProperty
  String model() {
    return folder.toString();
  }

  /** Prompts of the tests. */
  static PeerTask of(String name, Path folder, List<GreedyTexts.Text> texts) {
    return new PeerTask(
        name, folder, TOKENS, texts.stream().limit(PROMPTS).map(GreedyTexts.Text::prompt).toList());
  }

  /** Random prompts. */
  static PeerTask random(String name, Path folder) {
    Random random = new Random(11);
    return new PeerTask(
        name,
        folder,
        TOKENS,
        IntStream.range(0, PROMPTS)
            .mapToObj(i -> random.ints(RANDOM_PROMPT, 0, RequestLists.TOKENS).toArray())
            .toList());
  }

  /** All that is compared: the tests' models, and one of a real shape. */
  static List<PeerTask> all(TinyModels tiny, String largeName, Path large) {
    List<PeerTask> tasks = new ArrayList<>();
    for (String name : List.of(TinyModels.WITH_TOKENIZER, "random-untied", "random-qwen2")) {
      tasks.add(of(name, tiny.folders().get(name), tiny.texts().get(name)));
    }
    tasks.add(random(largeName, large));
    return tasks;
  }

  /**
   * What {@code peer.py greedy} answered for this task: fewer outputs than there are prompts, or
   * none, where it ended before it was done.
   */
  List<int[]> outputs(File answer) throws IOException {
    for (JsonNode model : JSON.readTree(answer).path("models")) {
      if (model.path("name").asText().equals(name)) {
        return List.of(JSON.treeToValue(model.get("outputs"), int[][].class));
      }
    }
    return List.of();
  }
}
