package io.qwark.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How far one model's next-token distributions are from another's, over many positions. */
public final class Divergence {
  private final List<Double> divergences = new ArrayList<>();
  private int agreements;

  /**
   * Takes up a position.
   *
   * @param reference scores of all tokens, before softmax
   * @param other the same tokens' scores by the model in question
   * @return how far they are from each other there, in nats
   */
  public double add(float[] reference, float[] other) {
    double divergence = kullbackLeibler(reference, other);
    divergences.add(divergence);
    agreements += best(reference) == best(other) ? 1 : 0;
    return divergence;
  }

  public int positions() {
    return divergences.size();
  }

  /** Part of the positions at which both models have the same likeliest token. */
  public double agreement() {
    return (double) agreements / positions();
  }

  /** In nats. */
  public double mean() {
    return divergences.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** The divergence that this part of the positions does not exceed. */
  public double quantile(double part) {
    List<Double> sorted = new ArrayList<>(divergences);
    Collections.sort(sorted);
    return sorted.get((int) Math.ceil(part * sorted.size()) - 1);
  }

  /** KL(softmax(p) || softmax(q)) in nats. */
  static double kullbackLeibler(float[] p, float[] q) {
    double logSumP = logSumExp(p);
    double logSumQ = logSumExp(q);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      double logP = p[i] - logSumP;
      sum += Math.exp(logP) * (logP - (q[i] - logSumQ));
    }
    return sum;
  }

  public static double logSumExp(float[] scores) {
    double best = scores[best(scores)];
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - best);
    }
    return best + Math.log(sum);
  }

  /** Index of the highest score, the first of equals. */
  public static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }
}
