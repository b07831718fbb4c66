package io.qwark.engine.api;

/** Why generation of a sample ended; the wire names are vLLM's. */
public enum FinishReason {
  /** A stop token, the end-of-sequence token or a stop string. */
  STOP("stop"),
  /** {@code max_tokens} or the context length was reached. */
  LENGTH("length");

  private final String wireName;

  FinishReason(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }
}
