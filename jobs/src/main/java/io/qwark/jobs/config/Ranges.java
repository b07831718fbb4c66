package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;
import java.util.List;

/** Checks of single values. */
final class Ranges {
  private Ranges() {}

  /** Null passes. */
  static void atLeastOne(String key, Number value) {
    if (value != null && value.longValue() < 1) {
      throw new UserException(
          "Cannot use `" + key + "` = " + value, "it must be at least 1", "Correct `" + key + "`");
    }
  }

  static void oneOf(String key, String value, String... choices) {
    if (!List.of(choices).contains(value)) {
      throw new UserException(
          "Cannot use `" + key + "` = `" + value + "`",
          "it must be one of " + String.join(", ", choices),
          "Correct `" + key + "`");
    }
  }
}
