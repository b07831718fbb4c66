package io.qwark.jobs.metrics;

import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** Summarizes a run. */
public final class Metrics {
  private final TreeMap<String, ProblemTally> problems = new TreeMap<>();
  private final EnumMap<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
  private final TreeMap<String, Integer> errors = new TreeMap<>();
  private final TreeMap<String, Integer> finishReasons = new TreeMap<>();
  private final Lengths lengths = new Lengths();
  private long promptTokens;
  private int samples;

  private Metrics() {
    for (Verdict verdict : Verdict.values()) {
      verdicts.put(verdict, 0);
    }
  }

  /**
   * Reads all samples once, in any order; the result does not depend on it.
   *
   * @param passAtK the k of each pass@k wanted, positive
   * @param wallSeconds time that generation took, or null if unknown
   * @throws io.qwark.engine.api.UserException if a sample occurs twice
   */
  public static Summary summarize(
      Iterator<SampleScore> samples, Collection<Integer> passAtK, Double wallSeconds) {
    Metrics metrics = new Metrics();
    samples.forEachRemaining(metrics::add);
    return metrics.summary(passAtK, wallSeconds);
  }

  private void add(SampleScore sample) {
    samples++;
    problems.computeIfAbsent(sample.id(), ProblemTally::new).add(sample);
    verdicts.merge(sample.verdict(), 1, Integer::sum);
    promptTokens += sample.promptTokens();
    if (sample.verdict() == Verdict.FAILED) {
      errors.merge(sample.errorCode() == null ? "UNKNOWN" : sample.errorCode(), 1, Integer::sum);
      return;
    }
    if (sample.finishReason() != null) {
      finishReasons.merge(sample.finishReason(), 1, Integer::sum);
    }
    lengths.add(sample.completionTokens());
  }

  private Summary summary(Collection<Integer> passAtK, Double wallSeconds) {
    int fewest = problems.values().stream().mapToInt(ProblemTally::samples).min().orElse(0);
    int most = problems.values().stream().mapToInt(ProblemTally::samples).max().orElse(0);
    List<String> warnings = warnings(fewest, most);
    return new Summary(
        problems.size(),
        samples,
        fewest,
        most,
        warnings.isEmpty(),
        warnings,
        averageAtN(fewest, most),
        new TreeSet<>(passAtK).stream().map(k -> passAtK(k, fewest)).toList(),
        majorityAtN(fewest, most),
        verdicts,
        errors,
        finishReasons,
        promptTokens,
        lengths.sum(),
        lengths.distribution(),
        wallSeconds);
  }

  private Estimate averageAtN(int fewest, int most) {
    String name = "avg@" + (fewest == most ? "" + most : fewest + "-" + most);
    if (problems.isEmpty()) {
      return Estimate.omitted(name, 0, "There are no samples.");
    }
    return estimate(name, most, problem -> (double) problem.correct() / problem.samples());
  }

  private Estimate passAtK(int k, int fewest) {
    String name = "pass@" + k;
    if (problems.isEmpty()) {
      return Estimate.omitted(name, k, "There are no samples.");
    }
    if (fewest < k) {
      return Estimate.omitted(
          name, k, "It needs " + k + " samples of every problem; one has " + fewest + ".");
    }
    return estimate(name, k, problem -> PassAtK.estimate(problem.samples(), problem.correct(), k));
  }

  private Estimate majorityAtN(int fewest, int most) {
    String name = "maj@" + most;
    if (problems.isEmpty()) {
      return Estimate.omitted(name, 0, "There are no samples.");
    }
    if (fewest < most) {
      return Estimate.omitted(
          name, most, "It needs " + most + " samples of every problem; one has " + fewest + ".");
    }
    return estimate(name, most, problem -> problem.isMajorityCorrect() ? 1 : 0);
  }

  private Estimate estimate(String name, int k, ToDoubleFunction<ProblemTally> value) {
    double[] values = problems.values().stream().mapToDouble(value).toArray();
    return Estimate.ofProblems(name, k, values);
  }

  private List<String> warnings(int fewest, int most) {
    List<String> warnings = new ArrayList<>();
    if (samples == 0) {
      warnings.add("There are no samples, so there is no score.");
    }
    int failed = verdicts.get(Verdict.FAILED);
    if (failed > 0) {
      warnings.add(failed + " of " + samples + " samples failed; they count as not correct.");
    }
    int unscored = verdicts.get(Verdict.UNSCORED);
    if (unscored > 0) {
      warnings.add(
          unscored + " of " + samples + " samples could not be scored; they count as not correct.");
    }
    if (fewest < most) {
      warnings.add("Problems have from " + fewest + " to " + most + " samples.");
    }
    return warnings;
  }
}
