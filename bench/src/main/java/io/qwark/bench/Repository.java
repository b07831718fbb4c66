package io.qwark.bench;

import io.qwark.engine.api.UserException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the project's own files from any folder within it. */
public final class Repository {
  private Repository() {}

  /**
   * @param path relative to the project's root
   */
  public static Path file(String path) {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(path))) {
        return folder.resolve(path);
      }
    }
    throw new UserException(
        "Cannot find " + path,
        "neither " + start + " nor a folder above it has it",
        "Start benchmarks within the project");
  }
}
