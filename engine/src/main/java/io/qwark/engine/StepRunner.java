package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.model.StepScores.SampledRows;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.PenaltyBatch;
import io.qwark.engine.sample.Sampler;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Carries out a planned step: computes it, then lets each sequence that is up to date go on. */
final class StepRunner {
  /** What became of a request in a step: finished, or failed alone. */
  record Ended(ActiveRequest request, Completion completion, Throwable failure) {}

  private final ForwardModel model;
  private final Map<Sequence, ActiveRequest> requests;

  StepRunner(ForwardModel model, Map<Sequence, ActiveRequest> requests) {
    this.model = model;
    this.requests = requests;
  }

  List<Ended> run(StepPlan plan) {
    plan.moves().forEach(model::move);
    PackedStep step = plan.pack();
    try (StepScores scores = model.step(step)) {
      List<ActiveRequest> sampled = new ArrayList<>();
      List<Long> rows = new ArrayList<>();
      for (int i = 0; i < plan.runs().size(); i++) {
        Run run = plan.runs().get(i);
        ActiveRequest request = requests.get(run.sequence());
        long lastRow = step.ends()[i];
        if (request.needsPromptLogprobs()) {
          scorePrompt(request, run, lastRow - run.count() + 1, scores);
        }
        if (run.reachesEnd()) {
          sampled.add(request);
          rows.add(lastRow);
        }
      }
      return sampled.isEmpty() ? List.of() : sample(sampled, rows, scores);
    }
  }

  private List<Ended> sample(List<ActiveRequest> sampled, List<Long> rows, StepScores scores) {
    SampledRows scored =
        scores.sample(
            rows.stream().mapToLong(Long::longValue).toArray(),
            PenaltyBatch.of(sampled.stream().map(ActiveRequest::penalties).toList()));
    List<Candidates> shortlists = scored.shortlists();
    boolean reportsLikeliest =
        sampled.stream().anyMatch(r -> r.params().logprobs() != SamplingParams.NO_LOGPROBS);
    List<Candidates> likeliest = reportsLikeliest ? scored.likeliest() : shortlists;
    List<Ended> ended = new ArrayList<>();
    for (int i = 0; i < sampled.size(); i++) {
      ActiveRequest request = sampled.get(i);
      try {
        Candidates candidates =
            Sampler.shortlistSuffices(request.params()) ? shortlists.get(i) : scored.all(i);
        Completion completion = request.advance(candidates, likeliest.get(i));
        if (completion != null) {
          ended.add(new Ended(request, completion, null));
        }
      } catch (ArithmeticException e) {
        ended.add(new Ended(request, null, e));
      }
    }
    return ended;
  }

  private static void scorePrompt(
      ActiveRequest request, Run run, long firstRow, StepScores scores) {
    Sequence sequence = request.sequence();
    int count = Math.min(run.count(), sequence.promptLength() - 1 - run.from());
    if (count <= 0) {
      return;
    }
    long[] rows = new long[count];
    long[] next = new long[count];
    for (int i = 0; i < count; i++) {
      rows[i] = firstRow + i;
      next[i] = sequence.token(run.from() + i + 1);
    }
    float[] logprobs = scores.logprobs(rows, next);
    for (int i = 0; i < count; i++) {
      request.promptLogprob(run.from() + i + 1, logprobs[i]);
    }
  }
}
