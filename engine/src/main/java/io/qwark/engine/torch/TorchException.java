package io.qwark.engine.torch;

/** A program that failed in libtorch, with what was attempted. */
public final class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  TorchException(String method, Throwable cause) {
    super(
        "the model's program failed in `" + method + "`: " + firstLines(cause.getMessage()), cause);
    this.reason = firstLines(cause.getMessage());
  }

  /** What libtorch says. */
  String reason() {
    return reason;
  }

  /** The native back-trace that follows the message is left to the cause. */
  private static String firstLines(String message) {
    if (message == null) {
      return "no message";
    }
    int trace = message.indexOf("Exception raised from");
    return (trace > 0 ? message.substring(0, trace) : message).strip();
  }
}
