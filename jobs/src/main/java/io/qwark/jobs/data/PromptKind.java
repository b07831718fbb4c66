package io.qwark.jobs.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The forms that a prompt has in a row of JSON. */
enum PromptKind {
  /** A string. */
  TEXT("prompt", DataTypes.StringType) {
    @Override
    Object read(JsonNode value) throws BadValueException {
      if (!value.isTextual()) {
        throw new BadValueException("it is not a text");
      }
      return value.textValue();
    }
  },

  /** Chat messages in OpenAI's format: role, content, reasoning_content, tool_calls. */
  MESSAGES("messages", DataTypes.createArrayType(messageType())) {
    @Override
    Object read(JsonNode value) throws BadValueException {
      return Messages.read(value);
    }
  },

  /** Whole numbers from 0. */
  TOKENS("token_ids", DataTypes.createArrayType(DataTypes.LongType)) {
    @Override
    Object read(JsonNode value) throws BadValueException {
      if (!value.isArray()) {
        throw new BadValueException("it is not a list of token ids");
      }
      List<Long> ids = new ArrayList<>();
      for (JsonNode id : value) {
        if (!id.isIntegralNumber() || !id.canConvertToLong()) {
          throw new BadValueException("its element " + ids.size() + " is not a token id: " + id);
        }
        ids.add(id.longValue());
      }
      return ids.toArray();
    }
  };

  private final String usualColumn;
  private final transient DataType type;

  PromptKind(String usualColumn, DataType type) {
    this.usualColumn = usualColumn;
    this.type = type;
  }

  private static StructType messageType() {
    return new StructType()
        .add("role", DataTypes.StringType)
        .add("content", DataTypes.StringType)
        .add("reasoning_content", DataTypes.StringType)
        .add("tool_calls", DataTypes.createArrayType(DataTypes.StringType));
  }

  /** What is wrong with a value of a row. */
  static final class BadValueException extends Exception {
    private static final long serialVersionUID = 1L;

    BadValueException(String message) {
      super(message);
    }
  }

  String usualColumn() {
    return usualColumn;
  }

  /** Spark's type for it. */
  DataType type() {
    return type;
  }

  /** The value as Spark takes it. */
  abstract Object read(JsonNode value) throws BadValueException;

  static PromptKind of(JsonNode value) {
    if (value.isTextual()) {
      return TEXT;
    }
    return value.isArray() && value.size() > 0 && value.get(0).isNumber() ? TOKENS : MESSAGES;
  }

  /**
   * The one usual column that is there.
   *
   * @throws UserException if there is none or more than one
   */
  static String column(TreeSet<String> columns, String path) {
    List<String> usual = Arrays.stream(values()).map(PromptKind::usualColumn).toList();
    List<String> there = usual.stream().filter(columns::contains).toList();
    if (there.size() == 1) {
      return there.get(0);
    }
    throw new UserException(
        "Cannot tell which column of " + path + " holds the prompts",
        there.isEmpty()
            ? "it has none of " + String.join(", ", usual) + " but " + String.join(", ", columns)
            : "it has " + String.join(" and ", there),
        "Name the column with --set input.prompt_column=NAME");
  }
}
