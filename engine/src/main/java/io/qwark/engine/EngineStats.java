package io.qwark.engine;

/**
 * What an engine has done and is doing.
 *
 * @param steps steps computed
 * @param promptTokens tokens of prompts computed, those computed anew after preemption included
 * @param promptTokensReused tokens of prompts that were not computed, since their keys and values
 *     were there from another sample
 * @param completionTokens tokens generated
 * @param draftTokens tokens guessed ahead and computed
 * @param acceptedTokens those of the tokens generated that took no step of their own, since they
 *     had been guessed
 * @param aheadTokens those that were decoded in the same call of the model as the one before them;
 *     a call counts as a step
 * @param preemptions times that a sample lost its place in the KV cache
 * @param outOfMemory steps that ran out of memory and were computed anew with fewer samples; these
 *     are no preemptions
 * @param restarts times that the model was loaded anew because its thread hung or died
 * @param running samples that are being worked on
 * @param waiting samples that were submitted and wait for room
 * @param freeCacheTokens tokens of the KV cache that no sample holds
 * @param retainedCacheTokens those of them in which beginnings of prompts are kept for later
 *     samples, until somebody needs the space
 */
public record EngineStats(
    long steps,
    long promptTokens,
    long promptTokensReused,
    long completionTokens,
    long draftTokens,
    long acceptedTokens,
    long aheadTokens,
    long preemptions,
    long outOfMemory,
    long restarts,
    int running,
    int waiting,
    int freeCacheTokens,
    int retainedCacheTokens) {}
