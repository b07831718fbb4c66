package io.qwark.udf;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** Chooses, by the type of the prompt column, how rows are read; on the driver, before any work. */
final class PromptColumns {
  private static final Set<DataType> TOKEN_IDS =
      Set.of(DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

  private PromptColumns() {}

  /**
   * @throws UserException if the columns are not there or of a type that holds no prompts
   */
  static PromptReader reader(StructType schema, InferenceOptions options) {
    int column = indexOf(schema, options.promptColumn());
    PromptReader reader = byType(schema.fields()[column].dataType(), column, options);
    if (options.toolsColumn() != null) {
      reader = reader.withTools(toolsColumn(schema, column, options));
    }
    if (options.errorColumn() == null) {
      return reader;
    }
    int errorColumn = indexOf(schema, options.errorColumn());
    DataType errorType = schema.fields()[errorColumn].dataType();
    if (!(errorType instanceof StringType)) {
      throw new UserException(
          "Cannot take errors from column `" + options.errorColumn() + "`",
          "its type is " + errorType.simpleString() + " and not string",
          "Name a string column, null where the row is good");
    }
    return reader.unlessBadAlready(errorColumn);
  }

  private static int toolsColumn(StructType schema, int promptColumn, InferenceOptions options) {
    String problem = "Cannot take tools from column `" + options.toolsColumn() + "`";
    int column = indexOf(schema, options.toolsColumn());
    DataType type = schema.fields()[column].dataType();
    if (!(type instanceof ArrayType array && array.elementType() instanceof StringType)) {
      throw new UserException(
          problem,
          "its type is " + type.simpleString() + " and not an array of strings",
          "Give each tool as a string of JSON");
    }
    DataType prompts = schema.fields()[promptColumn].dataType();
    boolean isChat =
        prompts instanceof StringType
            ? options.promptForm() == PromptForm.CHAT
            : !(prompts instanceof ArrayType ids && TOKEN_IDS.contains(ids.elementType()));
    if (!isChat) {
      throw new UserException(
          problem,
          "prompts without a chat template have no place for tools",
          "Send messages, or leave the tools out");
    }
    return column;
  }

  private static int indexOf(StructType schema, String name) {
    List<String> names = Arrays.asList(schema.fieldNames());
    int index = names.indexOf(name);
    if (index < 0) {
      throw new UserException(
          "Cannot read column `" + name + "`",
          "the table has no such column",
          "Choose one of " + String.join(", ", names));
    }
    return index;
  }

  private static PromptReader byType(DataType type, int column, InferenceOptions options) {
    if (type instanceof StringType) {
      return strings(column, options);
    }
    if (options.systemPrompt() != null) {
      throw new UserException(
          "Cannot add a system prompt to column `" + options.promptColumn() + "`",
          "its type is " + type.simpleString() + ", which says everything itself",
          "Put the system prompt into the rows, or leave it out");
    }
    if (type instanceof ArrayType array && TOKEN_IDS.contains(array.elementType())) {
      return row -> tokens(elements(row, column));
    }
    if (type instanceof ArrayType array
        && array.elementType() instanceof StructType message
        && ChatColumn.isMessage(message)) {
      ChatColumn chat = ChatColumn.of(message);
      return row -> chat.read(elements(row, column));
    }
    throw new UserException(
        "Cannot read prompts from column `" + options.promptColumn() + "`",
        "its type is " + type.simpleString(),
        "Give a string, an array of structs with string fields `role` and `content`, or an array"
            + " of token ids");
  }

  private static PromptReader strings(int column, InferenceOptions options) {
    String system = options.systemPrompt();
    if (options.promptForm() == PromptForm.CHAT) {
      return row -> userMessage(system, string(row, column));
    }
    if (system != null) {
      throw new UserException(
          "Cannot add a system prompt to column `" + options.promptColumn() + "`",
          "its strings are sent to the model as they stand, without a chat template",
          "Send them as chat, or leave the system prompt out");
    }
    return row -> new Prompt.Text(string(row, column));
  }

  private static Prompt userMessage(String system, String text) {
    List<ChatMessage> messages = new ArrayList<>(2);
    if (system != null) {
      messages.add(new ChatMessage("system", system));
    }
    messages.add(new ChatMessage("user", text));
    return new Prompt.Chat(messages, List.of());
  }

  private static String string(Row row, int column) throws BadRowException {
    String text = row.getString(column);
    if (text == null) {
      throw new BadRowException(ErrorCode.EMPTY_PROMPT, "The prompt is null");
    }
    if (text.isEmpty()) {
      throw new BadRowException(ErrorCode.EMPTY_PROMPT, "The prompt is an empty string");
    }
    return text;
  }

  private static <T> List<T> elements(Row row, int column) throws BadRowException {
    if (row.isNullAt(column)) {
      throw new BadRowException(ErrorCode.EMPTY_PROMPT, "The prompt is null");
    }
    List<T> elements = row.getList(column);
    if (elements.isEmpty()) {
      throw new BadRowException(ErrorCode.EMPTY_PROMPT, "The prompt is an empty array");
    }
    return elements;
  }

  private static Prompt tokens(List<? extends Number> elements) throws BadRowException {
    int[] ids = new int[elements.size()];
    for (int i = 0; i < ids.length; i++) {
      Number id = elements.get(i);
      // What ids the vocabulary has is for the model to say.
      if (id == null || id.longValue() < 0 || id.longValue() > Integer.MAX_VALUE) {
        throw new BadRowException(
            ErrorCode.INVALID_PROMPT, "Element " + i + " is not a token id: " + id);
      }
      ids[i] = id.intValue();
    }
    return new Prompt.Tokens(ids);
  }
}
