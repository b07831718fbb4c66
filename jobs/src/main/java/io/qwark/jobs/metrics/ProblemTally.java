package io.qwark.jobs.metrics;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.score.Verdict;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/** The samples of one problem, added up in any order. */
final class ProblemTally {
  private static final class Votes {
    int count;
    int firstSample = Integer.MAX_VALUE;
    boolean isCorrect;
  }

  private final String id;
  private final BitSet seen = new BitSet();
  private final Map<String, Votes> votes = new HashMap<>();
  private int correct;

  ProblemTally(String id) {
    this.id = id;
  }

  void add(SampleScore sample) {
    if (seen.get(sample.sampleIndex())) {
      throw new UserException(
          "Cannot score the run",
          "sample " + sample.sampleIndex() + " of problem '" + id + "' occurs twice",
          "Give every row of the data set its own id, or leave id_column out to number the rows");
    }
    seen.set(sample.sampleIndex());
    boolean isCorrect = sample.verdict() == Verdict.CORRECT;
    correct += isCorrect ? 1 : 0;
    if (sample.extractedAnswer() != null) {
      Votes vote = votes.computeIfAbsent(sample.extractedAnswer(), answer -> new Votes());
      vote.count++;
      vote.firstSample = Math.min(vote.firstSample, sample.sampleIndex());
      vote.isCorrect |= isCorrect;
    }
  }

  String id() {
    return id;
  }

  int samples() {
    return seen.cardinality();
  }

  int correct() {
    return correct;
  }

  /** Whether the answer that most samples gave is correct; of equals, the one given first. */
  boolean isMajorityCorrect() {
    return votes.values().stream()
        .max(
            Comparator.<Votes>comparingInt(vote -> vote.count)
                .thenComparing(vote -> vote.firstSample, Comparator.reverseOrder()))
        .map(vote -> vote.isCorrect)
        .orElse(false);
  }
}
