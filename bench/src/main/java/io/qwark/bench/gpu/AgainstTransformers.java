package io.qwark.bench.gpu;

import io.qwark.bench.Divergence;
import io.qwark.bench.TeacherForcing;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import java.util.List;

/**
 * Compares what the device holds likeliest in bfloat16 with the tokens that Transformers chose in
 * bfloat16 on it. Both round, in places of their own: where the two likeliest tokens are as close
 * as that, they may choose differently.
 */
final class AgainstTransformers {
  private static final String WAY = "bfloat16, Transformers'";

  private AgainstTransformers() {}

  /**
   * @param outputs what Transformers made of the task's prompts, of the first ones if it ended
   *     early; these are compared all the same
   */
  static Verdict compare(PeerTask task, List<int[]> outputs, String device) {
    if (outputs.isEmpty()) {
      return Verdict.of(task.name(), WAY, null, false, missing(task, outputs));
    }
    Verdict verdict = compareAll(task, outputs, device);
    return outputs.size() == task.prompts().size()
        ? verdict
        : verdict.failedAlso(missing(task, outputs));
  }

  private static String missing(PeerTask task, List<int[]> outputs) {
    return "Transformers continued %d of %d prompts"
        .formatted(outputs.size(), task.prompts().size());
  }

  private static Verdict compareAll(PeerTask task, List<int[]> outputs, String device) {
    try (TeacherForcing model = TeacherForcing.on(device, task.folder(), Quantization.BFLOAT16)) {
      Tally tally = new Tally();
      for (int i = 0; i < outputs.size(); i++) {
        int[] output = outputs.get(i);
        List<float[]> scores = model.scores(task.prompts().get(i), output);
        for (int position = 0; position < output.length; position++) {
          tally.add(scores.get(position), output[position], "prompt " + i + ", token " + position);
        }
      }
      return tally.verdict(task.name());
    } catch (UserException e) {
      return Verdict.refused(task.name(), WAY, e.getMessage());
    } catch (RuntimeException e) {
      return Verdict.failed(task.name(), WAY, e);
    }
  }

  /** Tokens that are the likeliest here, too, and how far the others are from that. */
  static final class Tally {
    private int positions;
    private int same;
    private double largestGap;
    private String where = "nowhere";

    /**
     * @param scores computed here
     * @param token chosen there
     * @param place for people
     */
    void add(float[] scores, int token, String place) {
      int best = Divergence.best(scores);
      double largest = 0;
      for (float score : scores) {
        largest = Math.max(largest, Math.abs(score));
      }
      double gap = (scores[best] - scores[token]) / largest;
      positions++;
      if (best == token || gap == 0) {
        same++;
      }
      // Not a number stays one.
      if (gap > largestGap || (Double.isNaN(gap) && !Double.isNaN(largestGap))) {
        largestGap = gap;
        where =
            "%s: %d was expected, which has %.4f here, and %d has %.4f"
                .formatted(place, token, scores[token], best, scores[best]);
      }
    }

    Verdict verdict(String model) {
      double agreement = (double) same / positions;
      return Verdict.of(
          model,
          WAY,
          new Verdict.Closeness(positions, agreement, null, null, largestGap),
          positions > 0
              && agreement >= Tolerance.BFLOAT16_AGREEMENT
              && largestGap <= Tolerance.BFLOAT16_GAP,
          ("an agreement of %.1f %% and gaps of up to %.1f %% of the largest score were expected,"
                  + " %.1f %% and %.1f %% came; worst at %s")
              .formatted(
                  100 * Tolerance.BFLOAT16_AGREEMENT,
                  100 * Tolerance.BFLOAT16_GAP,
                  100 * agreement,
                  100 * largestGap,
                  where));
    }
  }
}
