package io.qwark.jobs.report;

import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The samples that the report shows in full. What went wrong comes first, but a fifth of the places
 * is kept for correct samples; within a verdict the first by id and index are kept, whatever order
 * they come in. Texts are clipped on the way in, so memory is bounded.
 */
final class SampleShelf {
  static final int CAPACITY = 500;
  static final int CAPACITY_FOR_CORRECT = 100;
  static final int MAX_REASONING_CHARS = 12_000;
  static final int MAX_TEXT_CHARS = 6_000;
  static final int MAX_SHORT_CHARS = 1_000;

  private static final List<Verdict> ORDER =
      List.of(
          Verdict.FAILED, Verdict.UNSCORED, Verdict.NO_ANSWER, Verdict.INCORRECT, Verdict.CORRECT);

  /** Ids of equal length by their text, so that numbered ids come in the order of their numbers. */
  private static final Comparator<ReportSample> BY_ID =
      Comparator.<ReportSample>comparingInt(sample -> sample.id().length())
          .thenComparing(ReportSample::id)
          .thenComparingInt(ReportSample::sampleIndex);

  private final Map<Verdict, PriorityQueue<ReportSample>> kept = new EnumMap<>(Verdict.class);

  void add(ReportSample sample) {
    PriorityQueue<ReportSample> queue =
        kept.computeIfAbsent(sample.verdict(), verdict -> new PriorityQueue<>(BY_ID.reversed()));
    if (queue.size() == CAPACITY && BY_ID.compare(sample, queue.peek()) > 0) {
      return;
    }
    queue.add(clipped(sample));
    if (queue.size() > CAPACITY) {
      queue.remove();
    }
  }

  /** At most {@link #CAPACITY} samples. */
  List<ReportSample> samples() {
    int correct = sorted(Verdict.CORRECT).size();
    int forOthers = CAPACITY - Math.min(correct, CAPACITY_FOR_CORRECT);
    List<ReportSample> samples = new ArrayList<>();
    for (Verdict verdict : ORDER) {
      int room = (verdict == Verdict.CORRECT ? CAPACITY : forOthers) - samples.size();
      sorted(verdict).stream().limit(room).forEach(samples::add);
    }
    return samples;
  }

  private List<ReportSample> sorted(Verdict verdict) {
    return kept.getOrDefault(verdict, new PriorityQueue<>(BY_ID)).stream().sorted(BY_ID).toList();
  }

  private static ReportSample clipped(ReportSample sample) {
    return new ReportSample(
        sample.id(),
        sample.sampleIndex(),
        Texts.clipped(sample.problem(), MAX_TEXT_CHARS),
        Texts.clipped(sample.expectedAnswer(), MAX_SHORT_CHARS),
        sample.verdict(),
        Texts.clipped(sample.extractedAnswer(), MAX_SHORT_CHARS),
        Texts.clipped(sample.explanation(), MAX_SHORT_CHARS),
        sample.errorCode(),
        Texts.clipped(sample.errorMessage(), MAX_SHORT_CHARS),
        sample.finishReason(),
        Texts.clipped(sample.reasoning(), MAX_REASONING_CHARS),
        Texts.clipped(sample.answer(), MAX_TEXT_CHARS),
        sample.promptTokens(),
        sample.completionTokens(),
        sample.firstTokenMs(),
        sample.totalMs());
  }
}
