package io.qwark.engine;

import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.model.AheadTokens;
import io.qwark.engine.schedule.StepPlan;
import java.util.ArrayList;
import java.util.List;

/** A plan whose steps are decoded in one call of the model. Like its runner, it changes nothing. */
final class AheadCall {
  private final List<ActiveRequest> requests;
  private final List<AheadRow> rows = new ArrayList<>();

  /**
   * @param requests of the plan's runs
   */
  AheadCall(StepPlan plan, List<ActiveRequest> requests) {
    this.requests = requests;
    for (int i = 0; i < requests.size(); i++) {
      rows.add(requests.get(i).ahead(plan.runs().get(i)));
    }
  }

  List<AheadRow> rows() {
    return rows;
  }

  /** One for each run of the plan, in its order. */
  List<Outcome> outcomes(List<AheadTokens> found) {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      outcomes.add(outcome(requests.get(i), rows.get(i), found.get(i)));
    }
    return outcomes;
  }

  private static Outcome outcome(ActiveRequest request, AheadRow row, AheadTokens found) {
    int[] tokens = found.tokens();
    boolean reported = row.params().logprobs() != SamplingParams.NO_LOGPROBS;
    List<Outcome.Drawn> drawn = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      float logprob = reported ? found.logprobs()[i] : Float.NaN;
      drawn.add(
          new Outcome.Drawn(new TokenLogprob(tokens[i], logprob), reported ? List.of() : null));
    }
    // What comes after a stop token nobody asks for.
    boolean undecided = tokens.length < row.most();
    return new Outcome(
        request,
        null,
        drawn,
        undecided ? Outcome.Source.AHEAD_UNDECIDED : Outcome.Source.AHEAD,
        null);
  }
}
