package io.qwark.jobs.model;

import java.nio.file.Path;
import java.util.Map;

/** Where a host keeps copies of models from Hadoop file systems. */
final class ModelCache {
  private ModelCache() {}

  /** {@code QWARK_MODEL_CACHE}, or {@code qwark/models} in the user's cache folder. */
  static Path folder(Map<String, String> environment) {
    String named = environment.getOrDefault("QWARK_MODEL_CACHE", "");
    if (!named.isBlank()) {
      return Path.of(named).toAbsolutePath();
    }
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        caches.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(caches);
    return folder.resolve("qwark").resolve("models");
  }
}
