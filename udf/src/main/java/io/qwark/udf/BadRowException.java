package io.qwark.udf;

import io.qwark.engine.api.ErrorCode;

/** A row that cannot become a prompt; it turns into error rows and the rest goes on. */
final class BadRowException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  BadRowException(ErrorCode code, String message) {
    // Thrown once for each bad row, and nobody sees where.
    super(message, null, false, false);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }
}
