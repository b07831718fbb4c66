package io.qwark.jobs.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scores the solutions that benchmarks come with, as if a model had written them. */
class ReferenceSolutionsTest {
  private final Scorer scorer = Scorers.byName("boxed_integer");

  @Test
  void acceptsEverySolutionOfGsm8k() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (JsonNode row : rows("gsm8k.jsonl")) {
      String solution = row.get("answer").textValue();
      String expected = solution.substring(solution.lastIndexOf("####") + 4);
      Score score = score(expected, solution);
      if (score.verdict() != Verdict.CORRECT) {
        wrong.add(expected + ": " + score);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void acceptsEveryBoxedSolutionOfAime() throws IOException {
    List<String> wrong = new ArrayList<>();
    int boxed = 0;
    for (String file : List.of("aime24.jsonl", "aime25.jsonl")) {
      for (JsonNode row : rows(file)) {
        String solution = row.get("reference_solution").textValue();
        if (solution.contains("\\boxed{")) {
          boxed++;
          Score score = score(row.get("expected_answer").asText(), solution);
          if (score.verdict() != Verdict.CORRECT) {
            wrong.add(row.get("id") + ": " + score);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(boxed > 50, "only " + boxed + " solutions hold a box");
  }

  private Score score(String expected, String solution) {
    return scorer.score(expected, new GeneratedText(solution, null, solution, "stop"));
  }

  private static List<JsonNode> rows(String file) throws IOException {
    Path path = Path.of(System.getProperty("qwark.shared", "absent"), "data", file);
    assumeTrue(Files.isRegularFile(path), "no benchmark data at " + path);
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(path)) {
      rows.add(mapper.readTree(line));
    }
    return rows;
  }
}
