package io.qwark.engine.api;

/** Why one request or row has no result. Stable names: they are written to result files. */
public enum ErrorCode {
  /** The prompt is null, empty or without any token. */
  EMPTY_PROMPT,
  /** The row cannot be read as a prompt: malformed JSON, unknown role, token id out of range. */
  INVALID_PROMPT,
  /** Sampling parameters out of range or unsupported. */
  INVALID_PARAMETERS,
  /** Prompt plus room for one new token exceeds the model's or the configured context length. */
  PROMPT_TOO_LONG,
  /** The request could never fit the KV cache of this replica, even alone. */
  KV_CACHE_TOO_SMALL,
  /** The engine failed while it worked on the request. */
  ENGINE_FAILURE,
  /** The engine hung or died over the request, also alone and more than once. */
  ENGINE_STALLED,
  /**
   * The replica hung or died, and loading it anew did not help or cannot be done. Says nothing
   * about the request, which another replica may answer; is in no result file.
   */
  REPLICA_LOST,
  /** The caller cancelled the request or closed the engine. */
  CANCELLED
}
