package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.jobs.score.Verdict;
import java.util.List;

/** What the report's charts and its sample browser show, gathered in one pass over the samples. */
final class ReportData {
  private static final int MAX_POINTS = 300;

  private final ProblemColumns problems = new ProblemColumns();
  private final GrowingHistogram lengths = new GrowingHistogram(Verdict.values().length, 1);
  private final GrowingHistogram seconds = new GrowingHistogram(2, 0.001);
  private final SampleShelf shelf = new SampleShelf();

  void add(ReportSample sample) {
    problems.add(sample.id(), sample.verdict());
    shelf.add(sample);
    if (sample.verdict() == Verdict.FAILED) {
      return;
    }
    lengths.add(sample.verdict().ordinal(), sample.completionTokens());
    if (sample.firstTokenMs() != null) {
      seconds.add(0, sample.firstTokenMs() / 1000);
    }
    if (sample.totalMs() != null) {
      seconds.add(1, sample.totalMs() / 1000);
    }
  }

  /** Samples that the browser shows. */
  int shown() {
    return shelf.samples().size();
  }

  ObjectNode toJson(List<ProgressPoint> progress) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("columns", problems.columns());
    json.set("accuracies", problems.accuracies());
    json.set("lengths", lengths.toJson());
    json.set("seconds", seconds.toJson());
    json.set("progress", points(progress));
    ArrayNode samples = json.putArray("samples");
    shelf.samples().forEach(sample -> put(samples.addObject(), sample));
    return json;
  }

  private static void put(ObjectNode json, ReportSample sample) {
    json.put("id", sample.id())
        .put("index", sample.sampleIndex())
        .put("verdict", sample.verdict().wireName())
        .put("problem", sample.problem())
        .put("expected", sample.expectedAnswer())
        .put("extracted", sample.extractedAnswer())
        .put("explanation", sample.explanation())
        .put("errorCode", sample.errorCode())
        .put("errorMessage", sample.errorMessage())
        .put("finish", sample.finishReason())
        .put("reasoning", sample.reasoning())
        .put("answer", sample.answer())
        .put("promptTokens", sample.promptTokens())
        .put("completionTokens", sample.completionTokens())
        .put("ms", sample.totalMs());
  }

  /** [[seconds, samples, tokens]], thinned out evenly, the last one kept. */
  private static ArrayNode points(List<ProgressPoint> progress) {
    ArrayNode points = JsonNodeFactory.instance.arrayNode();
    int step = (progress.size() + MAX_POINTS - 1) / MAX_POINTS;
    for (int i = progress.size() - 1; i >= 0; i -= step) {
      ProgressPoint point = progress.get(i);
      points
          .insertArray(0)
          .add(point.elapsedSeconds())
          .add(point.samples())
          .add(point.completionTokens());
    }
    return points;
  }
}
