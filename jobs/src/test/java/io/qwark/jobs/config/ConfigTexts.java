package io.qwark.jobs.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Configurations of evaluations from what stands in a file. */
final class ConfigTexts {
  private ConfigTexts() {}

  /**
   * @param settings as after --set
   */
  static EvaluateConfig load(Path folder, String yaml, String... settings) throws IOException {
    Path file = Files.writeString(folder.resolve("test.yaml"), yaml);
    return ConfigFile.load(
        file, Stream.of(settings).map(Setting::parse).toList(), EvaluateConfig.DEFAULTS);
  }

  static UserException mistake(Path folder, String yaml, String... settings) {
    return assertThrows(UserException.class, () -> load(folder, yaml, settings));
  }
}
