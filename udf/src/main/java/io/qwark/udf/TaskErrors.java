package io.qwark.udf;

import io.qwark.engine.api.UserException;

/** Exceptions for tasks to end with. */
final class TaskErrors {

  private TaskErrors() {}

  /** Keeps a user's mistake recognisable on the driver and says of others what was attempted. */
  static RuntimeException of(String attempted, Throwable failure) {
    if (failure instanceof UserException mistake) {
      return new TaskUserException(mistake);
    }
    return new IllegalStateException(attempted + ": " + failure, failure);
  }
}
