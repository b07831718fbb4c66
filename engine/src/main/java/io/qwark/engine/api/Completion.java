package io.qwark.engine.api;

import java.util.List;

/**
 * The tokens of a finished sample.
 *
 * @param tokenIds the generated tokens; the stop token that ended them is included as the last one
 * @param stoppedByToken whether the last token is such a stop token
 * @param text the text where stop strings were asked for and one matched (cut before it), else null
 * @param logprobs one per generated token, or null if not asked for
 * @param topLogprobs the likeliest tokens at each generated position, best first, or null
 * @param promptLogprobs one per prompt token, NaN for the first, or null if not asked for
 */
public record Completion(
    int[] tokenIds,
    FinishReason finishReason,
    boolean stoppedByToken,
    String text,
    float[] logprobs,
    List<List<TokenLogprob>> topLogprobs,
    float[] promptLogprobs,
    Timings timings) {}
