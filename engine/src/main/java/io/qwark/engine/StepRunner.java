package io.qwark.engine;

import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.model.StepScores.SampledRows;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.sample.PenaltyBatch;
import io.qwark.engine.sample.Sampler;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Computes planned steps. It reads the requests and changes nothing about them, so that a step that
 * hangs can be given up.
 */
final class StepRunner {
  private final ForwardModel model;
  private final Map<Sequence, ActiveRequest> requests;
  private boolean moved;

  StepRunner(ForwardModel model, Map<Sequence, ActiveRequest> requests) {
    this.model = model;
    this.requests = requests;
  }

  /** One outcome for each run of the plan, in its order. */
  List<Outcome> compute(StepPlan plan) {
    moved = false;
    // All that may change with the requests is read before anything can hang.
    List<ActiveRequest> active =
        plan.runs().stream().map(run -> requests.get(run.sequence())).toList();
    if (plan.steps() > 1) {
      AheadCall call = new AheadCall(plan, active);
      move(plan);
      return call.outcomes(model.decode(call.rows()));
    }
    return step(plan, active);
  }

  private List<Outcome> step(StepPlan plan, List<ActiveRequest> active) {
    PackedStep step = model.rowsIndependent() ? plan.packTogether() : plan.pack();
    List<ActiveRequest> sampled = new ArrayList<>();
    List<Long> rows = new ArrayList<>();
    LongStream.Builder wanted = LongStream.builder();
    for (int i = 0; i < active.size(); i++) {
      Run run = plan.runs().get(i);
      long[] rowsToSample = rowsToSample(run, step.ends()[i]).toArray();
      for (long row : rowsToSample) {
        sampled.add(active.get(i));
        rows.add(row);
      }
      boolean all = active.get(i).needsPromptLogprobs();
      (all ? rows(run, step.ends()[i]) : Arrays.stream(rowsToSample)).forEach(wanted);
    }
    Penalties penalties = PenaltyBatch.of(sampled.stream().map(ActiveRequest::penalties).toList());
    move(plan);
    if (plan.runs().isEmpty()) {
      return List.of();
    }
    try (StepScores scores = model.step(step.scoring(wanted.build().toArray()))) {
      Draws draws = sampled.isEmpty() ? null : new Draws(sampled, rows, penalties, scores);
      List<Outcome> outcomes = new ArrayList<>();
      int next = 0;
      for (int i = 0; i < active.size(); i++) {
        Run run = plan.runs().get(i);
        Outcome.Scored scored =
            active.get(i).needsPromptLogprobs()
                ? scorePrompt(run, step.ends()[i] - run.count() + 1, scores)
                : null;
        if (run.reachesEnd()) {
          long[] guesses =
              Arrays.copyOfRange(
                  step.tokens(), (int) step.ends()[i] + 1 - run.drafts(), (int) step.ends()[i] + 1);
          outcomes.add(draws.draw(next, guesses, scored));
          next += 1 + run.drafts();
        } else {
          outcomes.add(new Outcome(active.get(i), scored, List.of(), null));
        }
      }
      return outcomes;
    }
  }

  /** Those of its last token and of its guesses, if it reaches the sequence's end. */
  private static LongStream rowsToSample(Run run, long end) {
    return LongStream.rangeClosed(run.reachesEnd() ? end - run.drafts() : end + 1, end);
  }

  /** All of a run. */
  private static LongStream rows(Run run, long end) {
    return LongStream.rangeClosed(end - run.count() + 1, end);
  }

  private void move(StepPlan plan) {
    plan.moves().forEach(model::move);
    moved = true;
  }

  /** Whether the last step's moves were done, however it ended. */
  boolean moved() {
    return moved;
  }

  private static Outcome.Scored scorePrompt(Run run, long firstRow, StepScores scores) {
    Sequence sequence = run.sequence();
    int count = Math.min(run.count(), sequence.promptLength() - 1 - run.from());
    if (count <= 0) {
      return null;
    }
    long[] rows = new long[count];
    long[] next = new long[count];
    for (int i = 0; i < count; i++) {
      rows[i] = firstRow + i;
      next[i] = sequence.token(run.from() + i + 1);
    }
    return new Outcome.Scored(run.from() + 1, scores.logprobs(rows, next));
  }

  /** The next tokens of the requests that are up to date. */
  private static final class Draws {
    private final List<ActiveRequest> requests;
    private final SampledRows scored;
    private final List<Candidates> shortlists;
    private final List<Candidates> likeliest;

    /** Of the rows whose requests may do with the shortlist if they know it. */
    private final Map<Integer, Float> logSumExps = new HashMap<>();

    Draws(List<ActiveRequest> requests, List<Long> rows, Penalties penalties, StepScores scores) {
      this.requests = requests;
      this.scored = scores.sample(rows.stream().mapToLong(Long::longValue).toArray(), penalties);
      this.shortlists = scored.shortlists();
      boolean reported = requests.stream().anyMatch(r -> reports(r.params()));
      this.likeliest = reported ? scored.likeliest() : shortlists;
      addLogSumExps();
    }

    private void addLogSumExps() {
      int[] rows =
          IntStream.range(0, requests.size())
              .filter(row -> Sampler.shortlistMayDo(requests.get(row).params()))
              .toArray();
      if (rows.length > 0) {
        float[] temperatures = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
          temperatures[i] = (float) requests.get(rows[i]).params().temperature();
        }
        float[] found =
            scored.logSumExps(Arrays.stream(rows).asLongStream().toArray(), temperatures);
        for (int i = 0; i < rows.length; i++) {
          logSumExps.put(rows[i], found[i]);
        }
      }
    }

    /**
     * Draws what follows the sequence's last token and then, as long as the guesses are right, what
     * follows them: the same tokens as if each had been computed in a step of its own.
     *
     * @param first row of the sequence's last token; those of the guesses come after it
     */
    Outcome draw(int first, long[] guesses, Outcome.Scored prompt) {
      ActiveRequest request = requests.get(first);
      List<Outcome.Drawn> drawn = new ArrayList<>();
      try {
        int token;
        do {
          drawn.add(draw(request, first, drawn.size()));
          token = drawn.get(drawn.size() - 1).token().tokenId();
        } while (drawn.size() <= guesses.length && token == guesses[drawn.size() - 1]);
      } catch (ArithmeticException e) {
        if (drawn.isEmpty()) {
          return new Outcome(request, prompt, List.of(), e);
        }
        // The request may end before it comes to these scores.
      }
      return new Outcome(request, prompt, drawn, null);
    }

    private Outcome.Drawn draw(ActiveRequest request, int first, int ahead) {
      SamplingParams params = request.params();
      int row = first + ahead;
      return new Outcome.Drawn(
          choose(request, row, ahead),
          reports(params) ? likeliest.get(row).likeliest(params.logprobs()) : null);
    }

    private TokenLogprob choose(ActiveRequest request, int row, int ahead) {
      Candidates shortlist = shortlists.get(row);
      if (Sampler.shortlistSuffices(request.params())) {
        return request.choose(shortlist, ahead);
      }
      TokenLogprob chosen = null;
      if (logSumExps.containsKey(row)) {
        chosen = request.chooseFromBest(shortlist, logSumExps.get(row), ahead);
      }
      return chosen == null ? request.choose(scored.all(row), ahead) : chosen;
    }

    private static boolean reports(SamplingParams params) {
      return params.logprobs() != SamplingParams.NO_LOGPROBS;
    }
  }
}
