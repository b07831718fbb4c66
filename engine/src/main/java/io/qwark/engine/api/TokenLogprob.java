package io.qwark.engine.api;

/** A token and the natural logarithm of its probability under the model. */
public record TokenLogprob(int tokenId, float logprob) {}
