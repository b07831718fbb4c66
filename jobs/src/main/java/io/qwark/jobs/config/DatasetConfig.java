package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;

/**
 * A benchmark and how its columns become prompts and expected answers.
 *
 * @param path of a file, a folder or a glob of any Hadoop file system
 * @param format jsonl, json, parquet or csv; null goes by the file name's extension
 * @param idColumn null numbers the rows from 0
 * @param answerPattern a regular expression whose group is the expected answer; null takes all of
 *     the column
 * @param promptTemplate text with {@code {column}} placeholders; null is the prompt column as it is
 * @param limit only so many rows from the start; null takes all
 */
public record DatasetConfig(
    String path,
    String format,
    String idColumn,
    String promptColumn,
    String answerColumn,
    String answerPattern,
    String promptTemplate,
    String systemPrompt,
    Long limit) {

  static final DatasetConfig DEFAULTS =
      new DatasetConfig(null, null, null, "problem", "expected_answer", null, null, null, null);

  public DatasetConfig {
    Ranges.atLeastOne("dataset.limit", limit);
  }

  /**
   * @throws UserException if it is not set
   */
  public String requiredPath() {
    if (path == null) {
      throw new UserException(
          "Cannot start without a dataset",
          "`dataset.path` is not set",
          "Set it in the configuration or give --dataset PATH");
    }
    return path;
  }
}
