package io.qwark.engine.api;

import java.util.Objects;

/** The failure of a single request; the engine and all other requests go on. */
public final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public RequestException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public RequestException(ErrorCode code, String message, Throwable underlying) {
    super(message, underlying);
    this.code = Objects.requireNonNull(code);
  }

  public ErrorCode code() {
    return code;
  }
}
