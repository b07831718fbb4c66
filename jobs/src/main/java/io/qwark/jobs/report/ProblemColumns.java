package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.jobs.score.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verdicts of each problem, for the two charts over problems. */
final class ProblemColumns {
  /** More columns than this could not be told apart, so neighbours share one. */
  static final int MAX_COLUMNS = 400;

  private static final int MAX_STEPS = 16;
  private static final int SHARES = 10;
  private static final int MAX_ID_CHARS = 60;

  private record Problem(String id, int[] counts) {
    int samples() {
      return Arrays.stream(counts).sum();
    }

    double accuracy() {
      return (double) counts[Verdict.CORRECT.ordinal()] / samples();
    }
  }

  private final Map<String, int[]> problems = new HashMap<>();

  void add(String id, Verdict verdict) {
    problems.computeIfAbsent(id, key -> new int[Verdict.values().length])[verdict.ordinal()]++;
  }

  /** The hardest first: [{label, id (null where a column holds several problems), counts}]. */
  ArrayNode columns() {
    List<Problem> sorted = new ArrayList<>();
    problems.forEach((id, counts) -> sorted.add(new Problem(id, counts)));
    sorted.sort(
        Comparator.comparingDouble(Problem::accuracy)
            .thenComparing(
                problem -> problem.counts[Verdict.INCORRECT.ordinal()], Comparator.reverseOrder())
            .thenComparing(Problem::id));
    int perColumn = (sorted.size() + MAX_COLUMNS - 1) / MAX_COLUMNS;
    ArrayNode columns = JsonNodeFactory.instance.arrayNode();
    for (int from = 0; from < sorted.size(); from += perColumn) {
      List<Problem> group = sorted.subList(from, Math.min(from + perColumn, sorted.size()));
      int[] counts = new int[Verdict.values().length];
      for (Problem problem : group) {
        Arrays.setAll(counts, i -> counts[i] + problem.counts[i]);
      }
      String first = Texts.clipped(group.get(0).id, MAX_ID_CHARS);
      ObjectNode column = columns.addObject();
      column.put("label", group.size() == 1 ? first : group.size() + " problems, such as " + first);
      column.put("id", group.size() == 1 ? group.get(0).id : null);
      ArrayNode numbers = column.putArray("counts");
      Arrays.stream(counts).forEach(numbers::add);
    }
    return columns;
  }

  /** How many problems have how many samples correct: [{label, problems}]. */
  ArrayNode accuracies() {
    int most = problems.values().stream().mapToInt(c -> Arrays.stream(c).sum()).max().orElse(0);
    boolean isEven = problems.values().stream().allMatch(c -> Arrays.stream(c).sum() == most);
    boolean isStepwise = isEven && most <= MAX_STEPS;
    int last = isStepwise ? most : SHARES;
    int[] numbers = new int[last + 1];
    problems.forEach(
        (id, counts) ->
            numbers[(int) Math.floor(new Problem(id, counts).accuracy() * last + 1e-9)]++);
    ArrayNode bars = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i <= last; i++) {
      String share = i == last ? "100%" : 10 * i + "–" + 10 * (i + 1) + "%";
      bars.addObject()
          .put("label", isStepwise ? i + " of " + most : share)
          .put("problems", numbers[i]);
    }
    return bars;
  }
}
