package io.qwark.udf;

import io.qwark.engine.api.UserException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;

/** Finds out on the driver what a failed Spark job failed of. */
public final class SparkErrors {

  private SparkErrors() {}

  /**
   * The user's mistake behind a failure, thrown on the driver or in a task of any executor; empty
   * if it was something else.
   *
   * @param failure as caught around a Spark action
   */
  public static Optional<UserException> userException(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
      if (cause instanceof UserException mistake) {
        return Optional.of(mistake);
      }
      Optional<UserException> told =
          cause.getMessage() == null ? Optional.empty() : UserErrorText.find(cause.getMessage());
      if (told.isPresent()) {
        return told;
      }
    }
    return Optional.empty();
  }
}
