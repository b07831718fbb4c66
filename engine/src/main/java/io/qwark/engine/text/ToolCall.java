package io.qwark.engine.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import java.io.IOException;

/**
 * An assistant's call of a tool.
 *
 * @param arguments JSON, or the text that the call gave
 * @param json the arguments as JSON: text is a string there
 */
record ToolCall(String name, String arguments, String json) {

  /**
   * @param json {@code {"name":…,"arguments":…}}, or that wrapped in {@code {"function":…}}
   * @param where for messages
   * @throws RequestException if it is anything else
   */
  static ToolCall parse(String json, String where) {
    return PythonJson.parse(json, "a tool call of " + where, parser -> read(parser, where));
  }

  private static ToolCall read(JsonParser parser, String where) throws IOException {
    String name = null;
    String arguments = null;
    String json = null;
    ToolCall wrapped = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("function") && value == JsonToken.START_OBJECT) {
        wrapped = read(parser, where);
      } else if (key.equals("name") && value == JsonToken.VALUE_STRING) {
        name = parser.getText();
      } else if (key.equals("arguments") && value == JsonToken.VALUE_STRING) {
        arguments = parser.getText();
        json = PythonJson.string(arguments);
      } else if (key.equals("arguments")) {
        arguments = PythonJson.value(parser);
        json = arguments;
      } else {
        parser.skipChildren();
      }
    }
    if (wrapped != null) {
      return wrapped;
    }
    if (name == null || arguments == null) {
      throw new RequestException(
          ErrorCode.INVALID_PROMPT,
          "Cannot render a tool call of " + where + ": it lacks its name or its arguments");
    }
    return new ToolCall(name, arguments, json);
  }
}
