package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;

/**
 * Where results go: {@code dir/run_id/}.
 *
 * @param dir a folder of any Hadoop file system
 * @param runId null makes one of the time and the configuration's name
 * @param format of tables: parquet or jsonl
 */
public record OutputConfig(String dir, String runId, String format) {

  static final OutputConfig DEFAULTS = new OutputConfig("runs", null, "parquet");

  public OutputConfig {
    Ranges.oneOf("output.format", format, "parquet", "jsonl");
    if (runId != null && !runId.matches("[A-Za-z0-9][A-Za-z0-9._=-]*")) {
      throw new UserException(
          "Cannot use `" + runId + "` as the run's name",
          "a name is made of letters, digits and . _ = - and begins with a letter or a digit",
          "Correct `output.run_id`");
    }
  }
}
