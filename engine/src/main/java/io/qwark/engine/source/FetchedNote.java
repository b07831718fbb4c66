package io.qwark.engine.source;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Remembers beside a cached model that all of its needed files were fetched and checked, so that
 * the next start need not ask where it came from.
 */
public final class FetchedNote {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private FetchedNote() {}

  /** Replaces the note. */
  public static void write(Path note, NeededFiles needed) throws IOException {
    ObjectNode root = MAPPER.createObjectNode().put("model", needed.model());
    ObjectNode files = root.putObject("files");
    needed.files().forEach(f -> files.put(f.path(), f.size()));
    Files.createDirectories(note.getParent());
    Path unfinished = note.resolveSibling(note.getFileName() + ".unfinished");
    Files.write(unfinished, MAPPER.writeValueAsBytes(root));
    Files.move(
        unfinished, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * What was fetched into a folder, if it is all there with its sizes.
   *
   * @return null if there is no note, or files went away or changed their sizes
   */
  public static NeededFiles read(Path note, Path folder) throws IOException {
    if (!Files.isRegularFile(note)) {
      return null;
    }
    JsonNode root;
    try {
      root = MAPPER.readTree(Files.readAllBytes(note));
    } catch (JacksonException e) {
      return null;
    }
    List<RemoteFile> files = new ArrayList<>();
    for (Map.Entry<String, JsonNode> file : root.path("files").properties()) {
      Path path = folder.resolve(file.getKey());
      if (!RemoteFile.isSafe(file.getKey())
          || !Files.isRegularFile(path)
          || Files.size(path) != file.getValue().asLong()) {
        return null;
      }
      files.add(new RemoteFile(file.getKey(), file.getValue().asLong()));
    }
    String model = root.path("model").asText();
    boolean isFile = files.stream().anyMatch(f -> f.path().equals(model));
    return files.isEmpty() || !(model.isEmpty() || isFile) ? null : new NeededFiles(files, model);
  }
}
