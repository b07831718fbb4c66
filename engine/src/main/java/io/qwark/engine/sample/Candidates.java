package io.qwark.engine.sample;

import io.qwark.engine.api.TokenLogprob;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tokens that may come next, in any order.
 *
 * @param ids token ids
 * @param scores their scores after penalties, before temperature
 * @param raw their scores as the model gave them
 * @param logSumExp of all the model's raw scores, these candidates' or not
 */
public record Candidates(int[] ids, float[] scores, float[] raw, float logSumExp) {

  /** Every token of the vocabulary, the index being its id. */
  public static Candidates all(float[] scores, float[] raw, float logSumExp) {
    int[] ids = new int[scores.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i;
    }
    return new Candidates(ids, scores, raw, logSumExp);
  }

  /** The n likeliest by raw score, best first; of equal ones the smaller id. */
  public List<TokenLogprob> likeliest(int n) {
    return IntStream.range(0, ids.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -raw[i]).thenComparingInt(i -> ids[i]))
        .limit(n)
        .map(i -> new TokenLogprob(ids[i], logprob(i)))
        .toList();
  }

  float logprob(int index) {
    return raw[index] - logSumExp;
  }
}
