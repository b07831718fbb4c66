package io.qwark.jobs.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final double EXACT = 1e-12;

  /** One sample for each answer; the expected answer is 1, "" is no answer. */
  private static List<SampleScore> problem(String id, String... answers) {
    List<SampleScore> samples = new ArrayList<>();
    for (String answer : answers) {
      Verdict verdict =
          switch (answer) {
            case "1" -> Verdict.CORRECT;
            case "" -> Verdict.NO_ANSWER;
            case "failed" -> Verdict.FAILED;
            case "unscored" -> Verdict.UNSCORED;
            default -> Verdict.INCORRECT;
          };
      boolean hasAnswer = verdict == Verdict.CORRECT || verdict == Verdict.INCORRECT;
      samples.add(
          new SampleScore(
              id,
              samples.size(),
              verdict,
              hasAnswer ? answer : null,
              "1",
              verdict == Verdict.FAILED ? null : "stop",
              verdict == Verdict.FAILED ? "ENGINE_FAILURE" : null,
              verdict == Verdict.FAILED ? 0 : 10,
              verdict == Verdict.FAILED ? 0 : 20));
    }
    return samples;
  }

  @SafeVarargs
  private static List<SampleScore> run(List<SampleScore>... problems) {
    return List.of(problems).stream().flatMap(List::stream).toList();
  }

  private static Summary summarize(List<SampleScore> samples, Integer... passAtK) {
    return Metrics.summarize(samples.iterator(), List.of(passAtK), null);
  }

  // Three problems with 4, 1 and 0 of 4 samples correct. By hand: means 1, 1/4, 0; the others by
  // numpy (mean, and std with ddof=1 over sqrt(3)) of the published pass@k function's values.
  private static final List<SampleScore> THREE =
      run(
          problem("a", "1", "1", "1", "1"),
          problem("b", "1", "2", "3", "4"),
          problem("c", "2", "2", "3", ""));

  @Test
  void averagesSamplesAndTakesTheErrorOverProblems() {
    Estimate average = summarize(THREE).averageAtN();
    assertEquals("avg@4", average.name());
    assertEquals(5.0 / 12, average.value(), EXACT);
    assertEquals(0.3004626062886658, average.standardError(), EXACT);
  }

  @Test
  void estimatesPassAtK() {
    List<Estimate> passes = summarize(THREE, 4, 1, 2).passAtK();
    assertEquals(List.of(1, 2, 4), passes.stream().map(Estimate::k).toList());
    assertEquals(0.4166666666666667, passes.get(0).value(), EXACT);
    assertEquals(0.3004626062886658, passes.get(0).standardError(), EXACT);
    assertEquals(0.5, passes.get(1).value(), EXACT);
    assertEquals(0.2886751345948129, passes.get(1).standardError(), EXACT);
    assertEquals(2.0 / 3, passes.get(2).value(), EXACT);
    assertEquals(0.33333333333333337, passes.get(2).standardError(), EXACT);
  }

  @Test
  void passAt1DoesNotChangeWhenEverySampleIsThereTwice() {
    List<SampleScore> doubled =
        run(
            problem("a", "1", "1", "1", "1", "1", "1", "1", "1"),
            problem("b", "1", "2", "3", "4", "1", "2", "3", "4"),
            problem("c", "2", "2", "3", "", "2", "2", "3", ""));
    assertEquals(
        summarize(THREE, 1).passAtK().get(0).value(),
        summarize(doubled, 1).passAtK().get(0).value(),
        EXACT);
  }

  @Test
  void omitsPassAtKWhereAProblemHasTooFewSamples() {
    Summary summary = summarize(run(problem("a", "1", "1"), problem("b", "1")), 1, 2);
    assertEquals(1.0, summary.passAtK().get(0).value(), EXACT);
    Estimate omitted = summary.passAtK().get(1);
    assertNull(omitted.value());
    assertNull(omitted.standardError());
    assertEquals("It needs 2 samples of every problem; one has 1.", omitted.omitted());
  }

  @Test
  void weighsProblemsEquallyWhereTheirSamplesDiffer() {
    Summary summary = summarize(run(problem("a", "1", "1", "1"), problem("b", "2")));
    assertEquals("avg@1-3", summary.averageAtN().name());
    assertEquals(0.5, summary.averageAtN().value(), EXACT);
    assertNull(summary.majorityAtN().value());
    assertNotNull(summary.majorityAtN().omitted());
    assertFalse(summary.complete());
    assertEquals(List.of("Problems have from 1 to 3 samples."), summary.warnings());
  }

  @Test
  void majorityVotesByAnswer() {
    Summary summary =
        summarize(
            run(
                problem("right", "1", "2", "1", "3"),
                problem("wrong", "2", "1", "2", "3"),
                problem("split", "3", "2", "2", "1")));
    assertEquals("maj@4", summary.majorityAtN().name());
    assertEquals(1.0 / 3, summary.majorityAtN().value(), EXACT);
    // Values 1, 0, 0: sample variance 1/3, over 3 problems 1/9, root 1/3.
    assertEquals(1.0 / 3, summary.majorityAtN().standardError(), EXACT);
  }

  @Test
  void majorityTiesGoToTheAnswerOfTheEarliestSample() {
    assertEquals(1, summarize(problem("a", "1", "2", "2", "1")).majorityAtN().value(), EXACT);
    assertEquals(0, summarize(problem("a", "2", "1", "1", "2")).majorityAtN().value(), EXACT);
    List<SampleScore> reversed = new ArrayList<>(problem("a", "1", "2", "2", "1"));
    Collections.reverse(reversed);
    assertEquals(1, summarize(reversed).majorityAtN().value(), EXACT);
  }

  @Test
  void samplesWithoutAnAnswerDoNotVote() {
    assertEquals(
        1, summarize(problem("a", "", "failed", "", "1", "unscored")).majorityAtN().value(), EXACT);
    assertEquals(0, summarize(problem("a", "", "", "")).majorityAtN().value(), EXACT);
  }

  @Test
  void failedAndUnscoredSamplesCountAsNotCorrectAndMakeTheRunIncomplete() {
    Summary summary = summarize(problem("a", "1", "failed", "unscored", ""), 1, 4);
    assertEquals(0.25, summary.averageAtN().value(), EXACT);
    assertEquals(0.25, summary.passAtK().get(0).value(), EXACT);
    assertEquals(1, summary.passAtK().get(1).value(), EXACT);
    assertFalse(summary.complete());
    assertEquals(
        List.of(
            "1 of 4 samples failed; they count as not correct.",
            "1 of 4 samples could not be scored; they count as not correct."),
        summary.warnings());
  }

  @Test
  void aRunWithWrongAndMissingAnswersOnlyIsComplete() {
    Summary summary = summarize(problem("a", "2", ""));
    assertTrue(summary.complete());
    assertEquals(0.0, summary.averageAtN().value(), EXACT);
  }

  @Test
  void anEmptyRunHasNoScore() {
    Summary summary = summarize(List.of(), 1);
    assertNull(summary.averageAtN().value());
    assertNull(summary.passAtK().get(0).value());
    assertNull(summary.majorityAtN().value());
    assertNull(summary.completionLength());
    assertFalse(summary.complete());
    assertEquals(0, summary.problems());
  }

  @Test
  void oneProblemHasNoStandardError() {
    assertNull(summarize(problem("a", "1", "2")).averageAtN().standardError());
  }

  @Test
  void countsVerdictsErrorsAndFinishReasons() {
    List<SampleScore> samples = new ArrayList<>(problem("a", "1", "2", "", "failed", "unscored"));
    samples.add(new SampleScore("a", 5, Verdict.NO_ANSWER, null, "1", "length", null, 10, 50));
    samples.add(new SampleScore("a", 6, Verdict.FAILED, null, "1", null, "PROMPT_TOO_LONG", 0, 0));
    samples.add(new SampleScore("a", 7, Verdict.FAILED, null, "1", null, null, 0, 0));
    Summary summary = summarize(samples);
    assertEquals(
        Map.of(
            Verdict.CORRECT, 1,
            Verdict.INCORRECT, 1,
            Verdict.NO_ANSWER, 2,
            Verdict.UNSCORED, 1,
            Verdict.FAILED, 3),
        summary.verdicts());
    assertEquals(Map.of("ENGINE_FAILURE", 1, "PROMPT_TOO_LONG", 1, "UNKNOWN", 1), summary.errors());
    assertEquals(Map.of("stop", 4, "length", 1), summary.finishReasons());
    assertEquals(50, summary.promptTokens());
    assertEquals(130, summary.completionTokens());
  }

  @Test
  void describesLengthsByNearestRank() {
    int[] lengths = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    List<SampleScore> samples = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      samples.add(new SampleScore("a", i, Verdict.CORRECT, "1", "1", "stop", null, 1, lengths[i]));
    }
    // numpy.percentile(lengths, p, method="inverted_cdf") gives 3, 6 and 9; the mean is 39/10.
    assertEquals(
        new Summary.Distribution(3.9, 1, 3, 6, 9, 9), summarize(samples).completionLength());
  }

  @Test
  void ratesNeedAWallTime() {
    List<SampleScore> samples = problem("a", "1", "2");
    assertNull(summarize(samples).completionTokensPerSecond());
    Summary timed = Metrics.summarize(samples.iterator(), List.of(), 8.0);
    assertEquals(5.0, timed.completionTokensPerSecond(), EXACT);
    assertEquals(0.25, timed.samplesPerSecond(), EXACT);
    assertNull(Metrics.summarize(samples.iterator(), List.of(), 0.0).samplesPerSecond());
  }

  @Test
  void refusesASampleThatOccursTwice() {
    List<SampleScore> samples = run(problem("a", "1", "2"), problem("a", "1"));
    UserException e = assertThrows(UserException.class, () -> summarize(samples));
    assertTrue(e.getMessage().contains("sample 0 of problem 'a' occurs twice"), e.getMessage());
  }

  @Test
  void doesNotDependOnTheOrderOfSamples() {
    List<SampleScore> samples = new ArrayList<>();
    Random random = new Random(7);
    for (int p = 0; p < 97; p++) {
      String[] answers = new String[8];
      for (int i = 0; i < answers.length; i++) {
        answers[i] = "" + (1 + random.nextInt(4));
      }
      samples.addAll(problem("p" + p, answers));
    }
    Summary first = summarize(samples, 1, 2, 4, 8);
    Collections.shuffle(samples, random);
    assertEquals(first, summarize(samples, 1, 2, 4, 8));
  }
}
