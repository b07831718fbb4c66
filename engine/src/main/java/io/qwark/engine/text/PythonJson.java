package io.qwark.engine.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import java.io.IOException;

/**
 * Writes JSON as Hugging Face's {@code tojson} does, which is Python's {@code json.dumps(…,
 * ensure_ascii=False)}: {@code ", "} and {@code ": "} as separators, keys in their order, only
 * quotes, backslashes and control characters escaped. Numbers stay as they are written.
 */
final class PythonJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  private PythonJson() {}

  interface Reader<T> {
    /** Reads on from the start of an object to its end. */
    T read(JsonParser parser) throws IOException;
  }

  /**
   * @param what for messages
   * @throws RequestException if it is not one JSON object
   */
  static String object(String json, String what) {
    return parse(json, what, PythonJson::value);
  }

  /** The same on many lines, as with {@code indent=4}. */
  static String indented(String json, String what) {
    return parse(
        json,
        what,
        parser -> {
          StringBuilder out = new StringBuilder();
          value(parser, "\n", out);
          return out.toString();
        });
  }

  /** A text as a JSON string. */
  static String string(String text) {
    StringBuilder out = new StringBuilder();
    string(text, out);
    return out.toString();
  }

  static <T> T parse(String json, String what, Reader<T> reader) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw wrong(what, "it is not a JSON object", null);
      }
      T result = reader.read(parser);
      if (parser.nextToken() != null) {
        throw wrong(what, "something follows its JSON object", null);
      }
      return result;
    } catch (JsonProcessingException e) {
      throw wrong(what, "it is not valid JSON (" + e.getOriginalMessage() + ")", e);
    } catch (IOException e) {
      throw wrong(what, e.toString(), e);
    }
  }

  /** The value that begins at the parser's token; leaves the parser at its end. */
  static String value(JsonParser parser) throws IOException {
    StringBuilder out = new StringBuilder();
    value(parser, null, out);
    return out.toString();
  }

  /**
   * @param line what begins a line at this depth, or null for all on one line
   */
  private static void value(JsonParser parser, String line, StringBuilder out) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> members(parser, '{', '}', line, out);
      case START_ARRAY -> members(parser, '[', ']', line, out);
      case VALUE_STRING -> string(parser.getText(), out);
      default -> out.append(parser.getText());
    }
  }

  private static void members(
      JsonParser parser, char open, char close, String line, StringBuilder out) throws IOException {
    String inner = line == null ? null : line + "    ";
    out.append(open);
    boolean empty = true;
    while (parser.nextToken() != JsonToken.END_OBJECT
        && parser.currentToken() != JsonToken.END_ARRAY) {
      if (!empty) {
        out.append(line == null ? ", " : ",");
      }
      out.append(line == null ? "" : inner);
      if (open == '{') {
        string(parser.currentName(), out);
        out.append(": ");
        parser.nextToken();
      }
      value(parser, inner, out);
      empty = false;
    }
    out.append(empty || line == null ? "" : line).append(close);
  }

  private static void string(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static RequestException wrong(String what, String reason, Throwable underlying) {
    return new RequestException(
        ErrorCode.INVALID_PROMPT, "Cannot render " + what + ": " + reason, underlying);
  }
}
