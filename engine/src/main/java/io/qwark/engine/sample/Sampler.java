package io.qwark.engine.sample;

import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TokenLogprob;
import java.util.Arrays;

/**
 * Draws a token: temperature, then top_k, then top_p, then min_p, in Transformers' order.
 * Candidates of equal score are ranked by token id, so that the choice is a function of scores and
 * random number alone.
 */
public final class Sampler {
  /** The largest top_k for which a model need not hand over its whole vocabulary. */
  public static final int MAX_SHORTLIST = 64;

  private Sampler() {}

  /** Whether the {@link #MAX_SHORTLIST} best candidates are enough to choose from. */
  public static boolean shortlistSuffices(SamplingParams params) {
    return params.greedy() || (params.topK() > 0 && params.topK() <= MAX_SHORTLIST);
  }

  /**
   * @param candidates the whole vocabulary, or its best where {@link #shortlistSuffices}
   * @param random uniform in [0, 1); unused by greedy decoding
   * @throws ArithmeticException if a score is not a number or infinite
   */
  public static TokenLogprob choose(Candidates candidates, SamplingParams params, double random) {
    long[] ranked = rank(candidates);
    if (params.greedy()) {
      return chosen(candidates, index(ranked[0]));
    }
    int kept = ranked.length;
    if (params.topK() > 0) {
      kept = Math.min(kept, params.topK());
    }
    double[] weights = weights(candidates, ranked, kept, params.temperature());
    kept = nucleus(weights, kept, params.topP());
    kept = likelyEnough(weights, kept, params.minP());
    return chosen(candidates, index(ranked[draw(weights, kept, random)]));
  }

  /** Whether {@link #chooseFromBest} may choose what {@link #shortlistSuffices} does not cover. */
  public static boolean shortlistMayDo(SamplingParams params) {
    return !params.greedy() && params.topK() <= 0;
  }

  /** Whether the shortlist is enough to choose from, or may be. */
  public static boolean shortlistServes(SamplingParams params) {
    return shortlistSuffices(params) || shortlistMayDo(params);
  }

  /**
   * Chooses as {@link #choose} does from the whole vocabulary, where its best candidates decide it.
   *
   * @param best the {@link #MAX_SHORTLIST} best candidates
   * @param logSumExp of all scores, each divided by the temperature
   * @return null if the choice depends on the others
   */
  public static TokenLogprob chooseFromBest(
      Candidates best, double logSumExp, SamplingParams params, double random) {
    long[] ranked = rank(best);
    double[] weights = weights(best, ranked, ranked.length, params.temperature());
    double total = Math.exp(logSumExp - best.scores()[index(ranked[0])] / params.temperature());
    int kept = ranked.length;
    boolean decided = false;
    if (params.topP() < 1) {
      kept = reaching(weights, params.topP() * total);
      decided = kept > 0;
    }
    int likely = likelyEnough(weights, decided ? kept : weights.length, params.minP());
    if (decided || likely < weights.length) {
      return chosen(best, index(ranked[draw(weights, likely, random)]));
    }
    if (params.topP() < 1 || params.minP() > 0) {
      return null;
    }
    int drawn = reaching(weights, Math.nextUp(random * total));
    return drawn == 0 ? null : chosen(best, index(ranked[drawn - 1]));
  }

  /** How many of the first weights come to a sum; 0 if all do not. */
  private static int reaching(double[] weights, double wanted) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      if (sum >= wanted) {
        return i + 1;
      }
    }
    return 0;
  }

  /** Indexes of candidates, best first, in the low half of numbers that sort in that order. */
  private static long[] rank(Candidates candidates) {
    int n = candidates.ids().length;
    long[] byId = new long[n];
    for (int i = 0; i < n; i++) {
      byId[i] = ((long) candidates.ids()[i] << 32) | i;
    }
    if (!ascending(candidates.ids())) {
      Arrays.sort(byId);
    }
    // Ranking stably by score keeps ties in the order of ids: the position in byId breaks them.
    long[] keys = new long[n];
    for (int position = 0; position < n; position++) {
      float score = candidates.scores()[(int) byId[position]];
      if (Float.isNaN(score) || score == Float.POSITIVE_INFINITY) {
        throw new ArithmeticException("the model's scores are not finite numbers: " + score);
      }
      keys[position] = ((long) descending(score) << 32) | position;
    }
    Arrays.sort(keys);
    for (int i = 0; i < n; i++) {
      keys[i] = byId[(int) keys[i]] & 0xFFFFFFFFL;
    }
    return keys;
  }

  private static boolean ascending(int[] ids) {
    for (int i = 1; i < ids.length; i++) {
      if (ids[i] < ids[i - 1]) {
        return false;
      }
    }
    return true;
  }

  /** An int that is smaller the larger the score is. */
  private static int descending(float score) {
    // -0 equals 0 and must rank with it.
    int bits = Float.floatToIntBits(score + 0f);
    int ascending = bits < 0 ? bits ^ 0x7FFFFFFF : bits;
    return ~ascending;
  }

  private static int index(long rankedKey) {
    return (int) rankedKey;
  }

  /** Probabilities up to a common factor, relative to the best. */
  private static double[] weights(
      Candidates candidates, long[] ranked, int kept, double temperature) {
    double best = candidates.scores()[index(ranked[0])];
    double[] weights = new double[kept];
    for (int i = 0; i < kept; i++) {
      // StrictMath: the same bits whether interpreted or compiled, and on every machine.
      weights[i] = StrictMath.exp((candidates.scores()[index(ranked[i])] - best) / temperature);
    }
    return weights;
  }

  /** The fewest best candidates whose probability reaches top_p. */
  private static int nucleus(double[] weights, int kept, double topP) {
    if (topP >= 1) {
      return kept;
    }
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[i];
    }
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += weights[i];
      if (sum >= topP * total) {
        return i + 1;
      }
    }
    return kept;
  }

  private static int likelyEnough(double[] weights, int kept, double minP) {
    int n = kept;
    while (n > 1 && weights[n - 1] < minP * weights[0]) {
      n--;
    }
    return n;
  }

  private static int draw(double[] weights, int kept, double random) {
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[i];
    }
    double left = random * total;
    for (int i = 0; i < kept - 1; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return kept - 1;
  }

  private static TokenLogprob chosen(Candidates candidates, int index) {
    return new TokenLogprob(candidates.ids()[index], candidates.logprob(index));
  }
}
