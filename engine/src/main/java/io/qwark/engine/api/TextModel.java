package io.qwark.engine.api;

import java.util.concurrent.CompletableFuture;

/** A loaded replica that turns prompts into text. All methods may be called from any thread. */
public interface TextModel extends AutoCloseable {

  ModelInfo info();

  /** How many samples it works on at a time; what is submitted beyond that waits in its queue. */
  default int maxNumSeqs() {
    return EngineOptions.DEFAULT_MAX_NUM_SEQS;
  }

  /** How often it has hung or died so far and was loaded anew; its requests went on. */
  default int restarts() {
    return 0;
  }

  /**
   * How many steps have run out of its device's memory so far; they were computed anew with fewer
   * samples at a time, and their requests went on.
   */
  default int outOfMemory() {
    return 0;
  }

  /** Whether it is beyond help, so that all that is submitted fails at once. */
  default boolean hasFailed() {
    return false;
  }

  /**
   * Fills what the user left open from the model's generation_config.json.
   *
   * @throws UserException if a value is out of its range
   */
  SamplingParams resolve(SamplingOptions options);

  /**
   * Starts one sample and returns at once. The future completes with the generation, or
   * exceptionally with a {@link RequestException}, also for a prompt that is found wrong at once.
   * Cancelling it frees what it holds.
   *
   * @param sampleIndex from 0; other samples of the same prompt take other indexes
   */
  CompletableFuture<Generation> submit(Prompt prompt, int sampleIndex, SamplingParams params);

  /** Ends the replica; requests that are under way fail with {@link ErrorCode#CANCELLED}. */
  @Override
  void close();
}
