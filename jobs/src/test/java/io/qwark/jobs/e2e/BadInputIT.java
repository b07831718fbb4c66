package io.qwark.jobs.e2e;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user sees of a mistake: problem, cause and remedy and nothing else, in the real process
 * with its real logging. Mistakes that never reach the engine or the executors are tested without
 * them in MistakesTest.
 */
@Timeout(600)
class BadInputIT {
  @TempDir private static Path folder;
  private static Checkout checkout;

  @BeforeAll
  static void layOut() throws Exception {
    checkout = Checkout.layOut(folder);
  }

  private static Checkout.Finished quickstart(String... more) throws Exception {
    return checkout.submit(
        Stream.concat(
                Stream.of("evaluate", "--config", checkout.conf("quickstart.yaml"), "--limit", "2"),
                Arrays.stream(more))
            .toList());
  }

  /** Three last lines: what, why and what to do, each with its words; before them the progress. */
  private static void assertMistake(
      Checkout.Finished finished, String problem, String cause, String remedy) {
    assertEquals(2, finished.status(), finished.err());
    List<String> all = finished.err().lines().toList();
    List<String> lines = all.subList(Math.max(0, all.size() - 3), all.size());
    assertAll(
        finished.err(),
        () -> assertEquals(3, lines.size()),
        () ->
            assertTrue(
                all.subList(0, all.size() - 3).stream()
                    .allMatch(line -> line.startsWith("loading model"))),
        () -> assertTrue(lines.get(0).startsWith("Error: ")),
        () -> assertTrue(lines.get(0).contains(problem), problem),
        () -> assertTrue(lines.get(1).startsWith("  Cause:  ")),
        () -> assertTrue(lines.get(1).contains(cause), cause),
        () -> assertTrue(lines.get(2).startsWith("  Remedy: ")),
        () -> assertTrue(lines.get(2).contains(remedy), remedy),
        () -> assertEquals("", finished.out()));
  }

  @Test
  void anUnknownOptionIsAnswered() throws Exception {
    Checkout.Finished finished = quickstart("--smples", "3");
    assertEquals(2, finished.status());
    assertTrue(finished.err().contains("--smples"), finished.err());
    assertTrue(finished.err().contains("--samples"), finished.err());
    assertFalse(finished.err().contains("\tat "), finished.err());
  }

  @Test
  void anUnknownKeyIsAnswered() throws Exception {
    assertMistake(
        quickstart("--set", "sampling.temprature=1"),
        "configuration",
        "sampling.temprature",
        "sampling.temperature");
  }

  @Test
  void aMissingModelFolderIsAnswered() throws Exception {
    Path absent = folder.resolve("no model here");
    assertMistake(
        quickstart("--model", absent.toString()), absent.toString(), "does not exist", "");
  }

  @Test
  void truncatedWeightsAreAnsweredAndLeaveNothingBehind() throws Exception {
    Path model = copyOfTheModel("truncated");
    Path weights = model.resolve("model.safetensors");
    byte[] all = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(all, all.length / 2));
    assertMistake(
        quickstart("--model", model.toString(), "--run-id", "truncated"),
        "model.safetensors",
        "",
        "again");
    assertFalse(Files.exists(checkout.runs().resolve("truncated")));
  }

  @Test
  void aTensorOfTheWrongShapeIsNamed() throws Exception {
    Path model = copyOfTheModel("misshapen");
    String tensor = transposeShape(model.resolve("model.safetensors"));
    assertMistake(
        quickstart("--model", model.toString(), "--run-id", "misshapen"), "misshapen", tensor, "");
    assertFalse(Files.exists(checkout.runs().resolve("misshapen")));
  }

  private static Path copyOfTheModel(String name) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name));
    try (Stream<Path> files = Files.list(Checkout.MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  /** Says of the first matrix that is not square that it is its transpose; returns its name. */
  private static String transposeShape(Path weights) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[Math.toIntExact(file.getLong())];
    file.get(header);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode tensors = (ObjectNode) mapper.readTree(header);
    String name = null;
    for (var fields = tensors.fields(); name == null; ) {
      var field = fields.next();
      JsonNode shape = field.getValue().path("shape");
      if (shape.size() == 2 && shape.get(0).asInt() != shape.get(1).asInt()) {
        ArrayNode transposed = ((ObjectNode) field.getValue()).putArray("shape");
        transposed.add(shape.get(1)).add(shape.get(0));
        name = field.getKey();
      }
    }
    byte[] changed = mapper.writeValueAsBytes(tensors);
    byte[] padded =
        Arrays.copyOf(changed, header.length); // The header may end with spaces, and so it does.
    Arrays.fill(padded, changed.length, padded.length, (byte) ' ');
    file.position(Long.BYTES).put(padded);
    Files.write(weights, file.array());
    return name;
  }

  @Test
  void badRowsAreCountedAndTheOthersGoOn() throws Exception {
    String tooLong = "1 plus ".repeat(4096);
    Path dataset =
        Files.writeString(
            folder.resolve("mixed.jsonl"),
            """
            {"id": "good", "problem": "Calculate 2 plus 3.", "expected_answer": "5"}
            {"id": "malformed", "problem": "Calc
            {"id": "empty", "problem": "", "expected_answer": "5"}
            {"id": "long", "problem": "%s", "expected_answer": "5"}
            {"id": "also good", "problem": "Calculate 4 plus 3.", "expected_answer": "7"}
            """
                .formatted(tooLong),
            StandardCharsets.UTF_8);
    Checkout.Finished finished =
        checkout.submit(
            "evaluate",
            "--config",
            checkout.conf("quickstart.yaml"),
            "--dataset",
            dataset.toString(),
            "--samples",
            "2",
            "--max-tokens",
            "20",
            "--run-id",
            "mixed");
    assertEquals(0, finished.status(), finished.err());
    assertFalse(finished.err().contains("\tat "), finished.err());
    Run run = new Run(checkout.runs().resolve("mixed"));
    SortedMap<String, Run.Sample> samples = run.samples();
    assertEquals(10, samples.size());
    for (String good : List.of("good/0", "good/1", "also good/0", "also good/1")) {
      assertEquals("ok", samples.get(good).status());
    }
    assertError("INVALID_PROMPT", samples, "#1");
    // The template goes around it, so that the prompt itself would not be empty.
    assertError("INVALID_PROMPT", samples, "empty");
    assertError("PROMPT_TOO_LONG", samples, "long");
    JsonNode summary = run.json("summary.json");
    assertEquals(6, summary.at("/verdicts/failed").asInt());
    assertEquals(
        new ObjectMapper().readTree("{\"INVALID_PROMPT\": 4, \"PROMPT_TOO_LONG\": 2}"),
        summary.at("/errors"));
    assertTrue(finished.out().contains("PROMPT_TOO_LONG"), finished.out());
  }

  private static void assertError(String code, SortedMap<String, Run.Sample> samples, String id) {
    for (int i = 0; i < 2; i++) {
      Run.Sample sample = samples.get(id + "/" + i);
      assertEquals("error", sample.status());
      assertEquals(code, sample.errorCode());
      assertEquals("failed", sample.verdict());
    }
  }
}
