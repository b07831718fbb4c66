package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads golden files: JSON Lines beside the tests, or in the shared data. */
final class GoldenFile {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private GoldenFile() {}

  static List<JsonNode> committed(String name) {
    try (InputStream in = GoldenFile.class.getResourceAsStream(name)) {
      return lines(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> shared(String name) throws IOException {
    return lines(Files.readString(sharedPath(name)));
  }

  static Path sharedPath(String name) {
    Path path = Path.of(System.getProperty("qwark.shared", "absent"), name);
    assumeTrue(Files.exists(path), "needs the shared data: " + path);
    return path;
  }

  private static List<JsonNode> lines(String text) {
    List<JsonNode> nodes = text.lines().map(GoldenFile::parse).toList();
    assertFalse(nodes.isEmpty());
    return nodes;
  }

  private static JsonNode parse(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
