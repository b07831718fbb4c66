package io.qwark.jobs.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.UserException;
import java.io.IOException;

/** JSON objects of rows, with numbers kept digit by digit. */
final class JsonRows {
  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JsonRows() {}

  /** Why a text is not one JSON object, or null if it is one. */
  static String fault(String json) {
    try (JsonParser parser = MAPPER.createParser(json)) {
      if (!(MAPPER.readTree(parser) instanceof ObjectNode)) {
        return "it is not a JSON object";
      }
      return parser.nextToken() == null ? null : "more follows after its JSON object";
    } catch (JsonProcessingException e) {
      return "it is not valid JSON: " + reason(e);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read a string", e);
    }
  }

  /** Reads a text that has been found to be one JSON object. */
  static ObjectNode parse(String json) {
    try {
      return (ObjectNode) MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot read a row that was read before", e);
    }
  }

  /** A value as it is put into a prompt, or null if there is none. */
  static String text(JsonNode value) {
    if (value == null || value.isNull() || value.isMissingNode()) {
      return null;
    }
    return value.isValueNode() ? value.asText() : value.toString();
  }

  static String reason(JsonProcessingException e) {
    String first = e.getOriginalMessage().lines().findFirst().orElse("");
    return e.getLocation() == null || e.getLocation().getColumnNr() < 1
        ? first
        : first + " (column " + e.getLocation().getColumnNr() + ")";
  }

  static UserException unreadable(String file, JsonProcessingException e) {
    return new UserException(
        "Cannot read " + file,
        "line " + e.getLocation().getLineNr() + " is not valid JSON: " + reason(e),
        "Correct the file; in JSON lines (.jsonl) a bad row would not stop the others",
        e);
  }
}
