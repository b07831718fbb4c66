package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;
import java.util.List;

/** A command-line option's value for one key of a configuration. */
public final class Setting {
  private final List<String> path;
  private final Node node;

  private Setting(String path, Node node) {
    this.path = List.of(path.split("\\.", -1));
    this.node = node;
  }

  /**
   * A typed option.
   *
   * @param option as it is written, such as {@code --limit}
   * @param path dotted path of the key
   * @param value a String, Integer, Long, Double or Boolean
   */
  public static Setting of(String option, String path, Object value) {
    Object held = value instanceof Integer i ? (Object) i.longValue() : value;
    return new Setting(
        path, new Node(held, String.valueOf(value), new Origin("option " + option, 0)));
  }

  /**
   * A {@code key.path=value} whose value is read as YAML.
   *
   * @throws UserException if it has no such form
   */
  public static Setting parse(String assignment) {
    int equals = assignment.indexOf('=');
    String key = equals < 0 ? assignment : assignment.substring(0, equals).strip();
    if (equals < 0
        || key.isEmpty()
        || key.startsWith(".")
        || key.endsWith(".")
        || key.contains("..")) {
      throw new UserException(
          "Cannot use --set " + assignment,
          "it is not of the form key.path=value",
          "Write for example --set sampling.temperature=0.6");
    }
    String value = assignment.substring(equals + 1).strip();
    return new Setting(key, YamlReader.readValue(value, "option --set " + key));
  }

  List<String> path() {
    return path;
  }

  Node node() {
    return node;
  }
}
