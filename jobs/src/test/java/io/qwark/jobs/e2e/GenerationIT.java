package io.qwark.jobs.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** generate and enrich with a real model: one conversation, sent in three forms. */
@Timeout(600)
class GenerationIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION = "Calculate 12 plus 30.";

  /** A conversation as Qwen3-2507 Thinking models see it: Qwen's chat template, by hand. */
  private static final String RENDERED =
      "<|im_start|>user\n" + QUESTION + "<|im_end|>\n<|im_start|>assistant\n<think>\n";

  @TempDir private static Path folder;
  private static Checkout checkout;
  private static JsonNode chat;

  @BeforeAll
  static void generateFromMessages() throws Exception {
    checkout = Checkout.layOut(folder);
    chat =
        generate(
            "chat", "{\"messages\": [{\"role\": \"user\", \"content\": \"" + QUESTION + "\"}]}");
  }

  /** The one row that greedy generation makes of one row. */
  private static JsonNode generate(String id, String row, String... more) throws Exception {
    Path input = Files.writeString(folder.resolve(id + ".jsonl"), row + "\n");
    List<String> arguments = new ArrayList<>(List.of("generate", "--input", input.toString()));
    arguments.addAll(List.of("--model", Checkout.MODEL.toString(), "--run-id", id));
    arguments.addAll(List.of("--format", "jsonl", "--max-tokens", "24"));
    arguments.addAll(List.of("--logprobs", "3", "--prompt-logprobs"));
    arguments.addAll(List.of("--set", "sampling.temperature=0", "--set", "spark.master=local[2]"));
    arguments.addAll(List.of(more));
    Checkout.Finished finished = checkout.submit(arguments);
    assertEquals(0, finished.status(), finished.err());
    List<String> lines = lines(checkout.runs().resolve(id).resolve("samples"));
    assertEquals(1, lines.size());
    JsonNode sample = JSON.readTree(lines.get(0));
    assertEquals("ok", sample.get("status").asText(), lines.get(0));
    return sample;
  }

  private static List<String> lines(Path samples) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(samples)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  private static List<Integer> ids(JsonNode sample) {
    return StreamSupport.stream(sample.get("token_ids").spliterator(), false)
        .map(JsonNode::asInt)
        .toList();
  }

  @Test
  void eachTokenHasItsLogprobAndTheLikeliestInOrder() {
    int tokens = chat.get("completion_tokens").asInt();
    assertTrue(tokens > 0 && tokens <= 24, chat::toString);
    assertEquals(tokens, ids(chat).size());
    assertEquals(tokens, chat.get("logprobs").size());
    assertEquals(tokens, chat.get("top_logprobs").size());
    for (int i = 0; i < tokens; i++) {
      JsonNode top = chat.get("top_logprobs").get(i);
      assertEquals(3, top.size());
      assertEquals(chat.get("token_ids").get(i), top.get(0).get("token_id"), "greedy");
      assertEquals(chat.get("logprobs").get(i), top.get(0).get("logprob"));
      double probability = 0;
      for (int k = 0; k < 3; k++) {
        probability += Math.exp(top.get(k).get("logprob").asDouble());
        assertTrue(
            k == 0
                || top.get(k).get("logprob").asDouble()
                    <= top.get(k - 1).get("logprob").asDouble());
      }
      assertTrue(probability < 1 + 1e-5, () -> "more than all: " + top);
    }
  }

  @Test
  void theFirstPromptTokenHasNoLogprobAndTheOthersHave() {
    JsonNode logprobs = chat.get("prompt_logprobs");
    assertEquals(chat.get("prompt_tokens").asInt(), logprobs.size());
    assertTrue(logprobs.get(0).isNull(), logprobs::toString);
    for (int i = 1; i < logprobs.size(); i++) {
      assertTrue(logprobs.get(i).isNumber() && logprobs.get(i).asDouble() <= 0);
    }
  }

  @Test
  void theRenderedTextGivesTheSameAsTheMessages() throws Exception {
    String row = JSON.writeValueAsString(JSON.createObjectNode().put("prompt", RENDERED));
    JsonNode text = generate("text", row, "--prompt-form", "text");
    assertEquals(ids(chat), ids(text));
    assertEquals(chat.get("prompt_tokens"), text.get("prompt_tokens"));
  }

  @Test
  void whatWasGeneratedHasTheSameLogprobsAsPartOfAPromptOfTokenIds() throws Exception {
    List<Integer> prompt = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.open(Checkout.MODEL.resolve("tokenizer.json"))) {
      Arrays.stream(tokenizer.encode(RENDERED)).forEach(prompt::add);
    }
    int promptTokens = prompt.size();
    assertEquals(chat.get("prompt_tokens").asInt(), promptTokens);
    prompt.addAll(ids(chat));
    JsonNode again = generate("ids", "{\"token_ids\": " + prompt + "}");
    JsonNode logprobs = again.get("prompt_logprobs");
    assertEquals(prompt.size(), logprobs.size());
    for (int i = 0; i < ids(chat).size(); i++) {
      // float32; one token at a time and all at once may add up in another order.
      assertEquals(
          chat.get("logprobs").get(i).asDouble(), logprobs.get(promptTokens + i).asDouble(), 1e-3);
    }
  }

  @Test
  void enrichAddsAColumnToACsv() throws Exception {
    Path input =
        Files.writeString(
            folder.resolve("sums.csv"), "name,left,right\nfirst,2,3\n\"second, last\",40,5\n");
    Checkout.Finished finished =
        checkout.submit(
            "enrich",
            "--input",
            input.toString(),
            "--template",
            "Calculate {left} plus {right}.",
            "--model",
            Checkout.MODEL.toString(),
            "--output-column",
            "sum",
            "--max-tokens",
            "60",
            "--run-id",
            "enriched");
    assertEquals(0, finished.status(), finished.err());
    Run run = new Run(checkout.runs().resolve("enriched"));
    List<Row> rows =
        run.rows("table").stream()
            .sorted((a, b) -> a.<String>getAs("name").compareTo(b.getAs("name")))
            .toList();
    assertEquals(2, rows.size());
    assertEquals("second, last", rows.get(1).getAs("name"));
    for (Row row : rows) {
      assertEquals("ok", row.getAs("sum_status"));
      assertNotNull(row.getAs("sum_finish_reason"));
      assertNotNull(row.getAs("sum_reasoning"));
    }
  }
}
