package io.qwark.udf;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Prompt;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** Reads the prompt out of a row of a known schema. */
@FunctionalInterface
interface PromptReader extends Serializable {

  /**
   * @throws BadRowException if this row has no usable prompt
   */
  Prompt read(Row row) throws BadRowException;

  /** Reads only rows that came here without an error of their own. */
  default PromptReader unlessBadAlready(int errorColumn) {
    return row -> {
      if (!row.isNullAt(errorColumn)) {
        throw new BadRowException(ErrorCode.INVALID_PROMPT, row.getString(errorColumn));
      }
      return read(row);
    };
  }

  /** Adds a column's tool definitions, where a row has any, to its conversation. */
  default PromptReader withTools(int toolsColumn) {
    return row -> {
      Prompt prompt = read(row);
      return prompt instanceof Prompt.Chat chat && !row.isNullAt(toolsColumn)
          ? new Prompt.Chat(chat.messages(), row.getList(toolsColumn))
          : prompt;
    };
  }
}
