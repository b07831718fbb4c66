package io.qwark.engine.schedule;

/** How much of a beginning that lies in the cache a prompt may use, and how. */
public enum PrefixReuse {
  /** None: every prompt is computed as a whole. */
  NONE,

  /**
   * Chunks that are cut at the same places in every prompt. This is for models that round a token
   * differently where its sequence is cut elsewhere.
   */
  WHOLE_CHUNKS,

  /** Any number of tokens. */
  ANY,

  /**
   * Any number of tokens, of which whole blocks are not copied: they lie in the cache once for all
   * that begin with them. This is for models that find them elsewhere than the tokens that follow.
   */
  SHARED
}
