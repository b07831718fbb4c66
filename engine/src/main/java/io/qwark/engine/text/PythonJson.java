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
    value(parser, out);
    return out.toString();
  }

  private static void value(JsonParser parser, StringBuilder out) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        out.append('{');
        for (String separator = ""; parser.nextToken() != JsonToken.END_OBJECT; separator = ", ") {
          out.append(separator);
          string(parser.currentName(), out);
          out.append(": ");
          parser.nextToken();
          value(parser, out);
        }
        out.append('}');
      }
      case START_ARRAY -> {
        out.append('[');
        for (String separator = ""; parser.nextToken() != JsonToken.END_ARRAY; separator = ", ") {
          out.append(separator);
          value(parser, out);
        }
        out.append(']');
      }
      case VALUE_STRING -> string(parser.getText(), out);
      default -> out.append(parser.getText());
    }
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
