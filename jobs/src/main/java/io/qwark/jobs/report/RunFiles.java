package io.qwark.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Writes a run's small files into its folder, on any file system that Hadoop knows. A file appears
 * under its name when it is complete: it is written beside it and renamed.
 */
public final class RunFiles {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final FileSystem fileSystem;
  private final Path folder;

  /**
   * @throws UserException if the file system cannot be reached
   */
  public RunFiles(Path folder, Configuration configuration) {
    try {
      FileSystem found = folder.getFileSystem(configuration);
      // The checksummed local file system would leave a hidden .crc file beside every file.
      this.fileSystem = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
      this.folder = fileSystem.makeQualified(folder);
    } catch (IOException | IllegalArgumentException e) {
      throw cannotWrite(folder, e);
    }
  }

  /** The run's folder, qualified with its file system. */
  public Path folder() {
    return folder;
  }

  /**
   * Writes indented JSON, in the order of its keys, ending in a line feed.
   *
   * @throws UserException if it cannot be written
   */
  public void writeJson(String name, JsonNode json) {
    try {
      writeText(name, JSON.writeValueAsString(json) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a JSON tree as text", e);
    }
  }

  /**
   * Writes UTF-8 text over whatever has that name; a reader sees the old file or the new one (or,
   * for a moment on file systems that cannot replace, none).
   *
   * @throws UserException if it cannot be written
   */
  public void writeText(String name, String text) {
    Path target = new Path(folder, name);
    Path unfinished = new Path(folder, "." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      fileSystem.mkdirs(folder);
      try (FSDataOutputStream out = fileSystem.create(unfinished, false)) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      replace(unfinished, target);
    } catch (IOException e) {
      discard(unfinished, e);
      throw cannotWrite(target, e);
    }
  }

  private void replace(Path source, Path target) throws IOException {
    if (fileSystem.exists(target)) {
      fileSystem.delete(target, false);
    }
    if (!fileSystem.rename(source, target)) {
      throw new IOException("renaming " + source.getName() + " to it failed");
    }
  }

  private void discard(Path unfinished, IOException failure) {
    try {
      fileSystem.delete(unfinished, false);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static UserException cannotWrite(Path path, Exception cause) {
    return new UserException(
        "Cannot write " + path,
        String.valueOf(cause.getMessage()),
        "Check that the output folder exists or can be created and that you may write there",
        cause);
  }
}
