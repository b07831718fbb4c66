package io.qwark.engine.sample;

/**
 * What penalties do to a step's scores, as flat arrays with an entry for each token concerned. A
 * score s becomes (s &gt; 0 ? s / repetition : s * repetition) - subtract.
 *
 * @param rows index of the sampled row
 * @param ids token id
 */
public record Penalties(long[] rows, long[] ids, float[] repetition, float[] subtract) {
  public static final Penalties NONE =
      new Penalties(new long[0], new long[0], new float[0], new float[0]);

  public boolean isEmpty() {
    return rows.length == 0;
  }
}
