package io.qwark.jobs.inspect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds a model's licence in the block of metadata that begins its README. */
final class License {
  private static final long MAX_BYTES = 4 << 20;
  private static final Pattern LINE =
      Pattern.compile("license:\\s*['\"]?([\\w.-]{1,60})['\"]?\\s*");

  private License() {}

  /** Null if there is none. */
  static String in(Path model) {
    Path readme = model.resolve("README.md");
    try {
      if (!Files.isRegularFile(readme) || Files.size(readme) > MAX_BYTES) {
        return null;
      }
      List<String> lines = Files.readAllLines(readme);
      if (lines.isEmpty() || !lines.get(0).strip().equals("---")) {
        return null;
      }
      for (String line : lines.subList(1, lines.size())) {
        Matcher license = LINE.matcher(line);
        if (line.strip().equals("---")) {
          break;
        }
        if (license.matches()) {
          return license.group(1);
        }
      }
      return null;
    } catch (IOException e) {
      // Also what is no UTF-8: a description is nothing that a model needs.
      return null;
    }
  }
}
