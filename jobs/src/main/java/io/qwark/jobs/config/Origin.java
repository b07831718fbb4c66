package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;

/**
 * Where a value was written.
 *
 * @param source a file or a command-line option
 * @param line from 1, or 0 where there are no lines
 */
record Origin(String source, int line) {

  UserException error(String reason, String remedy) {
    return error(reason, remedy, null);
  }

  UserException error(String reason, String remedy, Throwable underlying) {
    String where = line > 0 ? "line " + line + ": " : "";
    return new UserException(
        "Cannot use the configuration " + source, where + reason, remedy, underlying);
  }
}
