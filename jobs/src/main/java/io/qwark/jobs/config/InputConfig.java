package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;

/**
 * Prompts to generate from.
 *
 * @param path of a file, a folder or a glob of any Hadoop file system
 * @param format jsonl, json, parquet or csv; null goes by the file name's extension
 * @param idColumn null numbers the rows from 0
 * @param promptColumn text, a list of chat messages or a list of token ids; null is whichever of
 *     prompt, messages and token_ids is there
 * @param promptForm of a text: chat makes it a user's message, text tokenizes it as it stands
 * @param limit only so many rows from the start; null takes all
 */
public record InputConfig(
    String path,
    String format,
    String idColumn,
    String promptColumn,
    String promptForm,
    String systemPrompt,
    Long limit) {

  static final InputConfig DEFAULTS = new InputConfig(null, null, null, null, "chat", null, null);

  public InputConfig {
    Ranges.atLeastOne("input.limit", limit);
    Ranges.oneOf("input.prompt_form", promptForm, "chat", "text");
  }

  /**
   * @throws UserException if it is not set
   */
  public String requiredPath() {
    if (path == null) {
      throw new UserException(
          "Cannot start without an input",
          "`input.path` is not set",
          "Set it in the configuration or give --input PATH");
    }
    return path;
  }
}
