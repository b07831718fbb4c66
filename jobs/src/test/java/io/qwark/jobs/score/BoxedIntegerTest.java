package io.qwark.jobs.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoxedIntegerTest {
  private final Scorer scorer = Scorers.byName("boxed_integer");

  private Score score(String expected, String answer) {
    return scorer.score(expected, new GeneratedText(answer, null, answer, "stop"));
  }

  private Score cutOff(String expected, String answer) {
    return scorer.score(expected, new GeneratedText(answer, null, answer, "length"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "33|So \\boxed{33}.|33",
        "033|So \\boxed{33}.|33",
        "33|So \\boxed{033}.|33",
        "1,234|So \\boxed{1234}.|1234",
        "42|First \\boxed{41}, no: \\boxed{42}.|42",
        "42|\\boxed{42} is the answer to question 7.|42",
        "42|The final answer is 42.|42",
        "42|The final answer is: $42$.|42",
        "42|The final answer is $\\textbf{x}$... answer: 42|42",
        "42|**Final Answer:** 42|42",
        "42|**Answer**: **42**|42",
        "1234|Answer: 1,234 coins|1234",
        "18|The answer is $18.|18",
        "-5|answer is -5|-5",
        "42|The answer is 41. Wait, the answer is 42, not 7.|42",
        "42|The answer is \\(42\\)|42",
      })
  void acceptsTheRightAnswer(String expected, String answer, String extracted) {
    Score score = score(expected, answer);
    assertEquals(Verdict.CORRECT, score.verdict(), score.explanation());
    assertEquals(extracted, score.extractedAnswer());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // The last one is off by 1e-4 relatively: no tolerance must forgive it.
        "42|\\boxed{41}|41",
        "42|\\boxed{42} or rather \\boxed{41}|41",
        "42|\\boxed{0.42}|0.42",
        "42|\\boxed{4200\\%}|4200",
        "42|\\boxed{-42}|-42",
        "42|\\boxed{\\frac{84}{2}}|\\frac{84}{2}",
        "42|\\boxed{42, 43}|42, 43",
        "42|The final answer is 42.5|42.5",
        "42|The answer is 42/5|42/5",
        "10001|\\boxed{10000}|10000",
      })
  void rejectsAWrongAnswer(String expected, String answer, String extracted) {
    Score score = score(expected, answer);
    assertEquals(Verdict.INCORRECT, score.verdict(), score.explanation());
    assertEquals(extracted, score.extractedAnswer());
  }

  @Test
  void readsTheAnswerMarkOfGsm8k() {
    assertEquals(Verdict.CORRECT, score("70", "He pays 7 dollars.\n#### 70\n").verdict());
  }

  @Test
  void saysWhenABoxHoldsNoInteger() {
    assertTrue(score("42", "\\boxed{x+1}").explanation().contains("not an integer"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "We get 40 and then 42|42",
        "So it is 10-5|5",
        "So it is (10)-5|5",
        "So it is 10 - 5|5",
        "minus five: -5|-5",
        "42 is what x2 and 3.5 and 1/2 and 7th and AIME25 give|42",
        "1,234 in all|1234",
        "It is $42$.|42",
      })
  void fallsBackToTheLastIntegerWithAWarning(String answer, String extracted) {
    Score score = score(extracted, answer);
    assertEquals(Verdict.CORRECT, score.verdict(), score.explanation());
    assertEquals(extracted, score.extractedAnswer());
    assertTrue(score.explanation().startsWith("Warning"), score.explanation());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  \n", "I do not know.", "x2 + y2", "\\boxed{}", "\\boxed{ }"})
  void findsNoAnswerWhereNoneIs(String answer) {
    Score score = score("2", answer);
    assertEquals(Verdict.NO_ANSWER, score.verdict(), score.explanation());
    assertNull(score.extractedAnswer());
  }

  @Test
  void neverScoresReasoning() {
    String reasoning = "It is \\boxed{42}.";
    Score closed =
        scorer.score("42", new GeneratedText(reasoning + "</think>", reasoning, "", "stop"));
    assertEquals(Verdict.NO_ANSWER, closed.verdict());
    Score other =
        scorer.score("42", new GeneratedText("…", reasoning, "It is \\boxed{41}.", "stop"));
    assertEquals(Verdict.INCORRECT, other.verdict());
  }

  @Test
  void findsNoAnswerWhereReasoningWasNeverClosed() {
    String reasoning = "It is \\boxed{42}, or";
    Score score = scorer.score("42", new GeneratedText(reasoning, reasoning, null, "length"));
    assertEquals(Verdict.NO_ANSWER, score.verdict());
    assertEquals(
        "The reasoning was never closed, so there is no answer."
            + " Generation was cut off at its token limit.",
        score.explanation());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<think>\\boxed{42}|NO_ANSWER",
        "\n<think>\\boxed{42}</think>|NO_ANSWER",
        "<think>\\boxed{42}</think>\\boxed{41}|INCORRECT",
        "<think>\\boxed{41}</think>\\boxed{42}|CORRECT",
      })
  void leavesOutReasoningThatTheModelMarkedUnasked(String answer, Verdict verdict) {
    assertEquals(verdict, score("42", answer).verdict());
  }

  @Test
  void scoresTextThatWasCutBehindItsAnswerAndSaysSo() {
    Score score = cutOff("42", "It is \\boxed{42}. Let me also expl");
    assertEquals(Verdict.CORRECT, score.verdict());
    assertTrue(score.explanation().endsWith("cut off at its token limit."), score.explanation());
  }

  @Test
  void readsNoNumberThatMayLackDigits() {
    assertEquals(Verdict.NO_ANSWER, score("12", "It is \\boxed{12").verdict());
    assertEquals(Verdict.NO_ANSWER, cutOff("12", "The answer is 12").verdict());
    assertEquals(Verdict.CORRECT, score("12", "The answer is 12").verdict());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1/2", "4.5", "1,23", "\\frac{1}{2}"})
  void leavesARowUnscoredWhoseExpectedAnswerIsNoInteger(String expected) {
    Score score = score(expected, "\\boxed{42}");
    assertEquals(Verdict.UNSCORED, score.verdict());
    assertTrue(score.explanation().contains("expected answer"), score.explanation());
  }

  @Test
  void leavesARowUnscoredWithoutExpectedAnswer() {
    assertEquals(Verdict.UNSCORED, score(null, "\\boxed{42}").verdict());
  }

  @Test
  void leavesUnscoredWhatExceedsTheLimits() {
    String million = "x".repeat(BoxedInteger.MAX_TEXT_CHARS);
    assertEquals(Verdict.UNSCORED, score("42", million + "\\boxed{42}").verdict());
    String filler = million.substring("\\boxed{42}".length());
    assertEquals(Verdict.CORRECT, score("42", filler + "\\boxed{42}").verdict());

    String digits = "1".repeat(IntegerForm.MAX_CHARS);
    assertEquals(Verdict.INCORRECT, score("42", "\\boxed{" + digits + "}").verdict());
    assertEquals(Verdict.UNSCORED, score("42", "\\boxed{" + digits + "1}").verdict());

    String deep =
        "{".repeat(BoxedInteger.MAX_NESTING) + "42" + "}".repeat(BoxedInteger.MAX_NESTING);
    assertEquals(Verdict.CORRECT, score("42", "\\boxed{" + deep + "}").verdict());
    assertEquals(Verdict.UNSCORED, score("42", "\\boxed{{" + deep + "}}").verdict());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "1,111,",
        "1 ",
        "-",
        "answer: ",
        "answer is **",
        "#### ",
        "1/",
        "\\boxed{",
        "1."
      })
  void staysFastAndSafeOnLongRepetitions(String unit) {
    String text = unit.repeat(BoxedInteger.MAX_TEXT_CHARS / unit.length());
    assertTimeout(Duration.ofSeconds(5), () -> score("42", text));
  }
}
