package io.qwark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.checkpoint.ModelFolder;
import io.qwark.engine.text.ChatTemplate;
import io.qwark.engine.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Prompts as tokens and what a model in float32 goes on with, greedily. */
public final class GreedyTexts {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As conf/quickstart.yaml asks. */
  private static final String REQUEST =
      "%s\nPlease reason step by step, and put your final answer within \\boxed{}.";

  private static final int MAX_TOKENS = 256;

  /** A prompt and its continuation. */
  public record Text(int[] prompt, int[] output) {}

  private GreedyTexts() {}

  /** Those that Transformers wrote: lines with {@code prompt} and {@code greedy}. */
  public static List<Text> goldens(Path file) throws IOException {
    List<Text> texts = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = JSON.readTree(line);
      texts.add(new Text(ints(node.get("prompt")), ints(node.get("greedy"))));
    }
    return texts;
  }

  /** A model's own solutions of problems. */
  static List<Text> solutions(Path folder, Path problems) throws IOException {
    EngineOptions options = EngineOptions.of(folder.toString(), Quantization.FLOAT32);
    ModelFolder files = ModelFolder.open(folder);
    ChatTemplate template = ChatTemplate.recognise(files.chatTemplate());
    List<int[]> prompts = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.of(files.tokenizerJson(), files.path())) {
      for (String line : Files.readAllLines(problems)) {
        String problem = JSON.readTree(line).get("problem").asText();
        ChatMessage message = new ChatMessage("user", REQUEST.formatted(problem));
        prompts.add(tokenizer.encode(template.render(List.of(message), List.of(), true, null)));
      }
    }
    try (TextModel model = new LocalModelFactory(options).load(Placement.cpu())) {
      SamplingParams greedy = model.resolve(greedy());
      List<CompletableFuture<Generation>> generations =
          prompts.stream().map(p -> model.submit(new Prompt.Tokens(p), 0, greedy)).toList();
      List<Text> texts = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        int[] output = generations.get(i).join().completion().tokenIds();
        texts.add(new Text(prompts.get(i), output));
      }
      return texts;
    }
  }

  private static SamplingOptions greedy() {
    return SamplingOptions.builder().temperature(0.0).maxTokens(MAX_TOKENS).build();
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }
}
