package io.qwark.udf;

import io.qwark.engine.api.UserException;

/**
 * A user's mistake that was found in a task. The message carries the three parts, since Spark does
 * not always hand the exception itself to the driver. Keeps the place but not the causes of the
 * original, which need not be serializable; those are in the executor's log.
 */
final class TaskUserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TaskUserException(UserException mistake) {
    super(UserErrorText.format(mistake));
    setStackTrace(mistake.getStackTrace());
  }
}
