package io.qwark.jobs.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.jobs.data.PromptKind.BadValueException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Chat messages of OpenAI's format as Spark rows of role, content, reasoning and tool calls. */
final class Messages {
  private Messages() {}

  static Object[] read(JsonNode value) throws BadValueException {
    if (!value.isArray()) {
      throw new BadValueException("it is not a list of messages");
    }
    List<Row> messages = new ArrayList<>();
    for (JsonNode message : value) {
      if (!message.isObject()) {
        throw new BadValueException("its message " + messages.size() + " is not a JSON object");
      }
      messages.add(
          RowFactory.create(
              text(message.get("role"), "role", messages.size()),
              text(message.get("content"), "content", messages.size()),
              text(message.get("reasoning_content"), "reasoning_content", messages.size()),
              toolCalls(message.get("tool_calls"), messages.size())));
    }
    return messages.toArray();
  }

  /** Tool definitions as texts, or null for none. */
  static Object[] tools(JsonNode value) throws BadValueException {
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isArray()) {
      throw new BadValueException("its tools are not a list");
    }
    return objects(value, "tool");
  }

  private static Object[] toolCalls(JsonNode value, int message) throws BadValueException {
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isArray()) {
      throw new BadValueException("the tool_calls of its message " + message + " are not a list");
    }
    return objects(value, "tool call of its message " + message);
  }

  private static Object[] objects(JsonNode array, String what) throws BadValueException {
    List<String> objects = new ArrayList<>();
    for (JsonNode object : array) {
      if (!object.isObject()) {
        throw new BadValueException("a " + what + " is not a JSON object");
      }
      objects.add(object.toString());
    }
    return objects.toArray();
  }

  /** A text, or a list of parts that are all text. */
  private static String text(JsonNode value, String field, int message) throws BadValueException {
    if (value == null || value.isNull()) {
      return null;
    }
    if (value.isTextual()) {
      return value.textValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : value) {
      if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
        throw new BadValueException(
            "the " + field + " of its message " + message + " has a part that is not text");
      }
      text.append(part.get("text").textValue());
    }
    if (!value.isArray()) {
      throw new BadValueException("the " + field + " of its message " + message + " is not a text");
    }
    return text.toString();
  }
}
