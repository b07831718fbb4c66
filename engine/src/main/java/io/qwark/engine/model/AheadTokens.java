package io.qwark.engine.model;

/**
 * What a model decoded of one sequence.
 *
 * @param tokens (n) as many as were asked for; fewer after a stop token, or where what comes next
 *     is not decided by the shortlist, or not surely
 * @param logprobs (n) of the tokens, or null where nobody asked for any
 */
public record AheadTokens(int[] tokens, float[] logprobs) {}
