package io.qwark.jobs.config;

import java.nio.file.Path;

/** Paths of the local file system. */
final class LocalPaths {
  private LocalPaths() {}

  /**
   * The absolute form of a path, so that executors with another working directory find it too; a
   * path with a scheme other than {@code file} stays as it is.
   */
  static String absolute(String path) {
    String local = path.startsWith("file:") ? path.replaceFirst("^file:/*", "/") : path;
    return local.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")
        ? local
        : Path.of(local).toAbsolutePath().normalize().toString();
  }
}
