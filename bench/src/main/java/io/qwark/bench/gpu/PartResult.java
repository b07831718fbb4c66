package io.qwark.bench.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * How a part of the check went.
 *
 * @param seconds that it took
 * @param reason why it failed or was left out, else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PartResult(String name, Status status, double seconds, String reason) {

  /** How a part went. */
  enum Status {
    DONE,
    FAILED,
    /** There was no time for it. */
    LEFT_OUT
  }

  boolean isDone() {
    return status == Status.DONE;
  }

  static PartResult leftOut(String name, double seconds) {
    return new PartResult(name, Status.LEFT_OUT, 0, "%.0f s were left for it".formatted(seconds));
  }

  static PartResult failed(String name, String reason) {
    return new PartResult(name, Status.FAILED, 0, reason);
  }
}
