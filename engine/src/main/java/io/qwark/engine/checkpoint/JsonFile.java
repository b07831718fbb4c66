package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Strict reading of small JSON files: bounded, one object, no duplicate keys. */
final class JsonFile {
  /** Far above any real config or index; keeps a wrong file from filling the heap. */
  private static final long MAX_BYTES = 64L << 20;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
          .build();

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonFile() {}

  /**
   * @throws io.qwark.engine.api.UserException if the file cannot be read or is not one JSON object
   */
  static JsonNode read(Path file) {
    JsonNode root;
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw Errors.damaged(file, "it has " + size + " bytes, which is no such file's size");
      }
      root = MAPPER.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw Errors.damaged(file, "it is not valid JSON (" + firstLine(e) + ")", e);
    } catch (IOException e) {
      throw Errors.damaged(file, reason(e), e);
    }
    if (!root.isObject()) {
      throw Errors.damaged(file, "it is not a JSON object");
    }
    return root;
  }

  static String firstLine(JsonProcessingException e) {
    return Errors.shown(e.getOriginalMessage());
  }

  /** The messages of file exceptions are often just the path: say what it means. */
  static String reason(IOException e) {
    if (e instanceof java.nio.file.NoSuchFileException) {
      return "it does not exist";
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "access is denied";
    }
    return e.getMessage() == null ? e.toString() : Errors.shown(e.getMessage());
  }
}
