package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;

/**
 * A table to enrich and the prompt made of its columns.
 *
 * @param path of a file, a folder or a glob of any Hadoop file system
 * @param table name of a table that Spark knows, instead of a path
 * @param format jsonl, json, parquet or csv; null goes by the file name's extension
 * @param promptTemplate text with {@code {column}} placeholders
 * @param outputColumn name of the column to add; its companions' names begin with it
 * @param limit only so many rows; null takes all
 */
public record TableConfig(
    String path,
    String table,
    String format,
    String promptTemplate,
    String systemPrompt,
    String outputColumn,
    Long limit) {

  static final TableConfig DEFAULTS =
      new TableConfig(null, null, null, null, null, "generated", null);

  public TableConfig {
    Ranges.atLeastOne("input.limit", limit);
  }

  /**
   * @throws UserException unless exactly one of path and table is set
   */
  public void requireSource() {
    if ((path == null) == (table == null)) {
      throw new UserException(
          "Cannot choose the input",
          path == null
              ? "neither `input.path` nor `input.table` is set"
              : "both `input.path` and `input.table` are set",
          "Give either --input PATH or --table NAME");
    }
  }

  /**
   * @throws UserException if it is not set
   */
  public String requiredTemplate() {
    if (promptTemplate == null) {
      throw new UserException(
          "Cannot start without a prompt",
          "`input.prompt_template` is not set",
          "Give --template TEXT with {column} placeholders");
    }
    return promptTemplate;
  }
}
