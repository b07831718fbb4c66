package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.jobs.metrics.Metrics;
import io.qwark.jobs.metrics.SampleScore;
import io.qwark.jobs.metrics.Summary;
import io.qwark.jobs.score.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A made-up run of the size of the quickstart, the same every time. */
final class DemoRun {
  private DemoRun() {}

  static List<ReportSample> samples(int problems, int samplesEach) {
    Random random = new Random(3);
    List<ReportSample> samples = new ArrayList<>();
    for (int p = 0; p < problems; p++) {
      double skill = Math.pow(random.nextDouble(), 0.25);
      int a = 10 + random.nextInt(80);
      int b = 10 + random.nextInt(80);
      for (int i = 0; i < samplesEach; i++) {
        samples.add(sample("add-" + p, i, a, b, skill, random));
      }
    }
    return samples;
  }

  private static ReportSample sample(
      String id, int index, int a, int b, double skill, Random random) {
    Verdict verdict = Verdict.CORRECT;
    if (random.nextDouble() > skill) {
      double kind = random.nextDouble();
      verdict =
          kind < 0.7
              ? Verdict.INCORRECT
              : kind < 0.93 ? Verdict.NO_ANSWER : kind < 0.97 ? Verdict.UNSCORED : Verdict.FAILED;
    }
    boolean isFailed = verdict == Verdict.FAILED;
    boolean isCut = verdict == Verdict.NO_ANSWER;
    int value = a + b + (verdict == Verdict.CORRECT ? 0 : 1 + random.nextInt(9));
    int tokens =
        isFailed ? 0 : isCut ? 256 : (int) (60 + 25 * Math.abs(random.nextGaussian()) + a / 2);
    String problem = "A shelf holds %d books. %d more are put on it. How many are there?";
    String reasoning = "%d + %d: tens give %d, ones give %d.".formatted(a, b, a / 10, b % 10);
    return new ReportSample(
        id,
        index,
        problem.formatted(a, b),
        Integer.toString(a + b),
        verdict,
        isFailed || isCut ? null : Integer.toString(value),
        isFailed
            ? "Not generated: ENGINE_FAILURE: out of memory"
            : isCut
                ? "The reasoning was never closed, so there is no answer."
                : "Read '" + value + "' from the last box; expected '" + (a + b) + "'.",
        isFailed ? "ENGINE_FAILURE" : null,
        isFailed ? "out of memory" : null,
        isFailed ? null : isCut ? "length" : "stop",
        isFailed ? null : (reasoning + "\n").repeat(isCut ? 40 : 2),
        isFailed || isCut ? null : "The answer is \\boxed{" + value + "}.",
        isFailed ? 0 : 52,
        tokens,
        isFailed ? null : 40 + 30 * random.nextDouble(),
        isFailed ? null : tokens * (9 + random.nextDouble()) + 60);
  }

  static Summary summary(List<ReportSample> samples) {
    return Metrics.summarize(
        samples.stream().map(DemoRun::score).iterator(), List.of(1, 2, 4, 8), 41.7);
  }

  private static SampleScore score(ReportSample sample) {
    return new SampleScore(
        sample.id(),
        sample.sampleIndex(),
        sample.verdict(),
        sample.extractedAnswer(),
        sample.expectedAnswer(),
        sample.finishReason(),
        sample.errorCode(),
        sample.promptTokens(),
        sample.completionTokens());
  }

  static List<ProgressPoint> progress(List<ReportSample> samples) {
    List<ProgressPoint> points = new ArrayList<>();
    int seconds = 42;
    for (int second = 0; second <= seconds; second++) {
      double share = Math.pow((double) second / seconds, 1.15);
      long done = Math.round(samples.size() * share);
      points.add(new ProgressPoint(second, done, Math.round(done * 97.0)));
    }
    return points;
  }

  static JsonNode run() throws IOException {
    return new ObjectMapper()
        .readTree(
            """
            {"run_id": "quickstart-20261122-061500", "started": "2026-11-22T06:15:00Z",
             "finished": "2026-11-22T06:15:48Z", "qwark_version": "0.1.0",
             "config": {"model": {"path": "datasets/quickstart/model", "quantization": "int8",
               "max_num_seqs": 64, "chat_template": null},
               "dataset": {"path": "datasets/quickstart/problems.jsonl", "limit": null},
               "sampling": {"n": 4, "temperature": 0.6, "top_p": 0.95, "top_k": 20, "seed": 0,
               "stop_token_ids": [151645, 151643]}},
             "model": {"architecture": "Qwen3ForCausalLM", "parameters": 2395136,
               "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
             "versions": {"java": "17.0.15", "spark": "4.2.0", "djl": "0.35.1",
               "pytorch": "2.7.1"},
             "executors": [{"id": "1", "device": "cpu", "load_ms": 812.5},
               {"id": "2", "device": "cpu", "load_ms": 790.1}]}
            """);
  }
}
