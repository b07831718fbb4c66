package io.qwark.engine.api;

import java.util.Objects;

/**
 * One sample of one prompt. Its random stream depends on the seed, the prompt's tokens and the
 * sample index alone, so that it comes out the same in any batch, order or cluster.
 *
 * @param promptTokenIds not empty; not copied, so the caller leaves it alone
 * @param sampleIndex from 0
 */
public record Request(int[] promptTokenIds, int sampleIndex, SamplingParams params) {
  public Request {
    Objects.requireNonNull(promptTokenIds);
    Objects.requireNonNull(params);
  }
}
