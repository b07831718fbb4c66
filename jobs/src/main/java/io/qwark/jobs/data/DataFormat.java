package io.qwark.jobs.data;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The formats that data can have. */
public enum DataFormat {
  /** One JSON object a line. */
  JSONL("jsonl", List.of("jsonl", "ndjson")),
  /** One array of JSON objects a file; a file of JSON lines is read too. */
  JSON("json", List.of("json")),
  PARQUET("parquet", List.of("parquet")),
  /** With a line of column names; quoted values may hold commas and line breaks. */
  CSV("csv", List.of("csv"));

  private static final List<String> COMPRESSIONS =
      List.of(".gz", ".bz2", ".zst", ".snappy", ".lz4", ".deflate");

  private final String wireName;
  private final List<String> extensions;

  DataFormat(String wireName, List<String> extensions) {
    this.wireName = wireName;
    this.extensions = extensions;
  }

  String wireName() {
    return wireName;
  }

  /**
   * @param name or null to go by the extension of a file
   * @throws UserException if the name is unknown or the extension says nothing
   */
  static DataFormat of(String name, String file) {
    List<String> names = Arrays.stream(values()).map(DataFormat::wireName).toList();
    if (name != null) {
      return Arrays.stream(values())
          .filter(f -> f.wireName.equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new UserException(
                      "Cannot read the format `" + name + "`",
                      "there is no such format",
                      Nearest.suggestion(name, names)));
    }
    String plain = file.toLowerCase(Locale.ROOT);
    for (String compression : COMPRESSIONS) {
      if (plain.endsWith(compression)) {
        plain = plain.substring(0, plain.length() - compression.length());
      }
    }
    for (DataFormat format : values()) {
      for (String extension : format.extensions) {
        if (plain.endsWith("." + extension)) {
          return format;
        }
      }
    }
    throw new UserException(
        "Cannot tell the format of " + file,
        "its name ends in none of .jsonl, .json, .parquet and .csv",
        "Set `format` to one of " + String.join(", ", names));
  }
}
