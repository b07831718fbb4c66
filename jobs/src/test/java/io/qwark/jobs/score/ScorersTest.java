package io.qwark.jobs.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScorersTest {
  private static final GeneratedText TEXT = new GeneratedText("42", null, "\\boxed{42}", "stop");

  @Test
  void namesTheNearestScorerWhereTheNameIsUnknown() {
    UserException e = assertThrows(UserException.class, () -> Scorers.byName("boxed-integr"));
    assertTrue(e.getMessage().contains("'boxed-integr'"), e.getMessage());
    assertTrue(e.getMessage().contains("nearest is 'boxed_integer'"), e.getMessage());
    assertThrows(UserException.class, () -> Scorers.byName(null));
    assertEquals(Set.of("boxed_integer"), Scorers.names());
  }

  @Test
  void leavesASampleUnscoredWhoseScorerThrows() {
    Scorer broken =
        Scorers.guarded(
            (expected, text) -> {
              throw new IllegalStateException("lost");
            });
    Score score = broken.score("42", TEXT);
    assertEquals(Verdict.UNSCORED, score.verdict());
    assertTrue(score.explanation().contains("lost"), score.explanation());
    Scorer endless =
        Scorers.guarded(
            (expected, text) -> {
              throw new StackOverflowError();
            });
    assertEquals(Verdict.UNSCORED, endless.score("42", TEXT).verdict());
  }

  @Test
  void scorersTravelToExecutors() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(Scorers.byName("boxed_integer"));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      Scorer scorer = (Scorer) in.readObject();
      assertEquals(Verdict.CORRECT, scorer.score("42", TEXT).verdict());
    }
  }

  @Test
  void verdictsHaveTheirWireNames() {
    for (Verdict verdict : Verdict.values()) {
      assertEquals(verdict, Verdict.ofWireName(verdict.wireName()));
    }
    assertEquals("no_answer", Verdict.NO_ANSWER.wireName());
    assertThrows(IllegalArgumentException.class, () -> Verdict.ofWireName("wrong"));
  }

  @Test
  void failedSamplesSayWhy() {
    Score score = Score.failed("PROMPT_TOO_LONG", "9000 tokens of 4096");
    assertEquals(Verdict.FAILED, score.verdict());
    assertTrue(score.explanation().contains("PROMPT_TOO_LONG: 9000 tokens of 4096"));
  }
}
