package io.qwark.engine.model;

import io.qwark.engine.api.SamplingParams;

/**
 * A sequence whose next tokens a model decodes and samples by itself.
 *
 * @param token its last one, whose keys and values are to be computed
 * @param position index of that token in the sequence
 * @param start place of the sequence's first token in the cache; those of the tokens to come are
 *     there as well
 * @param most tokens to be decoded, at least 1
 * @param params without penalties, and such that the shortlist suffices or may do, see {@link
 *     io.qwark.engine.sample.Sampler}
 * @param stopTokens some of the tokens after which no other is needed
 * @param random (most) uniform in [0, 1), a number for each token; none for greedy decoding
 */
public record AheadRow(
    int token,
    int position,
    int start,
    int most,
    SamplingParams params,
    int[] stopTokens,
    double[] random) {}
