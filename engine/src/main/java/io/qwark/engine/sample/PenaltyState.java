package io.qwark.engine.sample;

import io.qwark.engine.api.SamplingParams;
import java.util.HashMap;
import java.util.Map;

/**
 * The tokens of one sample that penalties apply to: those of the prompt for repetition, those of
 * the output for all three (as in vLLM and the OpenAI API).
 */
public final class PenaltyState {
  private final SamplingParams params;

  /** Token to the number of times it was generated; 0 for one of the prompt alone. */
  private final Map<Integer, Integer> generated = new HashMap<>();

  public PenaltyState(SamplingParams params, int[] promptTokenIds) {
    this.params = params;
    if (params.repetitionPenalty() != 1) {
      for (int token : promptTokenIds) {
        generated.put(token, 0);
      }
    }
  }

  public void generated(int token) {
    generated.merge(token, 1, Integer::sum);
  }

  int size() {
    return generated.size();
  }

  /** Writes this sample's entries, row {@code row} of the step, from index {@code at} on. */
  int write(Penalties into, int row, int at) {
    int i = at;
    for (Map.Entry<Integer, Integer> token : generated.entrySet()) {
      int count = token.getValue();
      into.rows()[i] = row;
      into.ids()[i] = token.getKey();
      into.repetition()[i] = (float) params.repetitionPenalty();
      into.subtract()[i] =
          (float) (count * params.frequencyPenalty() + (count > 0 ? params.presencePenalty() : 0));
      i++;
    }
    return i;
  }
}
