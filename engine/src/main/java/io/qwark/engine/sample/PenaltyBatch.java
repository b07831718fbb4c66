package io.qwark.engine.sample;

import java.util.List;

/** Gathers the penalties of all rows of a step. */
public final class PenaltyBatch {
  private PenaltyBatch() {}

  /**
   * @param states one for each sampled row, null where nothing is penalized
   */
  public static Penalties of(List<PenaltyState> states) {
    int total = states.stream().mapToInt(s -> s == null ? 0 : s.size()).sum();
    if (total == 0) {
      return Penalties.NONE;
    }
    Penalties penalties =
        new Penalties(new long[total], new long[total], new float[total], new float[total]);
    int at = 0;
    for (int row = 0; row < states.size(); row++) {
      if (states.get(row) != null) {
        at = states.get(row).write(penalties, row, at);
      }
    }
    return penalties;
  }
}
