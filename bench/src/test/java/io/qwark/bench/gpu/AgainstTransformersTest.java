package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Repository;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs are those of Transformers in bfloat16, written by engine/src/test/python. */
class AgainstTransformersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GOLDENS =
      "engine/src/test/resources/goldens/quickstart/bfloat16/greedy.jsonl";

  @TempDir Path folder;
  private PeerTask task;
  private final List<int[]> outputs = new ArrayList<>();

  @BeforeEach
  void read() throws IOException {
    TinyModels tiny = TinyModels.find();
    String name = TinyModels.WITH_TOKENIZER;
    task = PeerTask.of(name, tiny.folders().get(name), tiny.texts().get(name));
    for (String line : Files.readAllLines(Repository.file(GOLDENS))) {
      int[] output = JSON.treeToValue(JSON.readTree(line).get("greedy"), int[].class);
      outputs.add(Arrays.copyOf(output, task.tokens()));
    }
  }

  @Test
  void allOutputsAreCompared() throws IOException {
    Verdict verdict = compare(answer(task.name(), 4));
    assertEquals(Verdict.Outcome.PASSED, verdict.outcome(), verdict.toString());
    assertEquals(4 * task.tokens(), verdict.closeness().positions());
    assertNull(verdict.note());
  }

  @Test
  void whatAnAnswerCutShortHasIsComparedAndItFails() throws IOException {
    Verdict verdict = compare(answer(task.name(), 3));
    assertEquals(Verdict.Outcome.FAILED, verdict.outcome());
    assertEquals("Transformers continued 3 of 4 prompts", verdict.note());
    assertEquals(3 * task.tokens(), verdict.closeness().positions());
    assertEquals(1.0, verdict.closeness().agreement());
  }

  @Test
  void anAnswerCutShortWithWrongTokensSaysBoth() throws IOException {
    Arrays.fill(outputs.get(0), 1);
    Verdict verdict = compare(answer(task.name(), 1));
    assertEquals(Verdict.Outcome.FAILED, verdict.outcome());
    assertTrue(
        verdict.note().startsWith("Transformers continued 1 of 4 prompts; an agreement of 85.0 %"),
        verdict.note());
  }

  @Test
  void aModelOfWhichAnAnswerSaysNothingFails() throws IOException {
    for (File answer : List.of(answer(task.name(), 0), answer("another", 4))) {
      Verdict verdict = compare(answer);
      assertEquals(Verdict.Outcome.FAILED, verdict.outcome());
      assertEquals("Transformers continued 0 of 4 prompts", verdict.note());
    }
  }

  private Verdict compare(File answer) throws IOException {
    return AgainstTransformers.compare(task, task.outputs(answer), "cpu");
  }

  /** As peer.py writes it after some prompts. */
  private File answer(String model, int prompts) throws IOException {
    File answer = folder.resolve("greedy.json").toFile();
    JSON.writeValue(
        answer,
        Map.of("models", List.of(Map.of("name", model, "outputs", outputs.subList(0, prompts)))));
    return answer;
  }
}
