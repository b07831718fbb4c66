package io.qwark.engine;

/**
 * What an engine has done and is doing.
 *
 * @param steps steps computed
 * @param promptTokens tokens of prompts computed, those computed anew after preemption included
 * @param completionTokens tokens generated
 * @param preemptions times that a sample lost its place in the KV cache
 * @param restarts times that the model was loaded anew because its thread hung or died
 * @param running samples that are being worked on
 * @param waiting samples that were submitted and wait for room
 * @param freeCacheTokens tokens of the KV cache that nobody holds
 */
public record EngineStats(
    long steps,
    long promptTokens,
    long completionTokens,
    long preemptions,
    long restarts,
    int running,
    int waiting,
    int freeCacheTokens) {}
