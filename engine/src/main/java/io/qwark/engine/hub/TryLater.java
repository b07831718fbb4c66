package io.qwark.engine.hub;

import java.io.IOException;
import java.time.Duration;

/** An answer that may be another one at the next try. */
final class TryLater extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Duration after;

  /**
   * @param after how long the server wants to be left alone, or null
   */
  TryLater(String reason, Duration after) {
    super(reason);
    this.after = after;
  }

  Duration after() {
    return after;
  }
}
