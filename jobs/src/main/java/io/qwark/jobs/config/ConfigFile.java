package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads a configuration: a YAML file, then command-line options over it, then defaults under it.
 *
 * <p>A relative path in a file is relative to the working directory. A text that begins with {@code
 * ${config_dir}} begins with the file's own folder, wherever the job is started from.
 */
public final class ConfigFile {
  private static final String CONFIG_DIR = "${config_dir}";

  private ConfigFile() {}

  /**
   * @param file or null for none
   * @param overrides of the keys in the file, in order
   * @throws UserException if the file cannot be read, or has an unknown key or a wrong value
   */
  public static <R extends Record> R load(Path file, List<Setting> overrides, R defaults) {
    Node root =
        file == null
            ? Node.emptyMapping(new Origin("from the command line", 0))
            : inFolderOf(file, YamlReader.read(text(file), file.toString()));
    if (!root.isMapping()) {
      return Binder.bind(root, defaults);
    }
    for (Setting setting : overrides) {
      root = root.with(setting.path(), setting.node());
    }
    return Binder.bind(root, defaults);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new UserException(
          "Cannot read the configuration " + file,
          "there is no such file, seen from " + Path.of("").toAbsolutePath(),
          "Give --config the path of a YAML file",
          e);
    } catch (IOException e) {
      throw new UserException(
          "Cannot read the configuration " + file,
          String.valueOf(e.getMessage()),
          "Give --config a readable UTF-8 YAML file",
          e);
    }
  }

  private static Node inFolderOf(Path file, Node node) {
    if (node.isMapping()) {
      Map<String, Node> entries = new LinkedHashMap<>();
      node.mapping().forEach((key, value) -> entries.put(key, inFolderOf(file, value)));
      return new Node(entries, null, node.origin());
    }
    if (node.isSequence()) {
      List<Node> items = new ArrayList<>();
      node.sequence().forEach(item -> items.add(inFolderOf(file, item)));
      return new Node(items, null, node.origin());
    }
    if (node.value() instanceof String text && text.startsWith(CONFIG_DIR)) {
      Path folder = file.toAbsolutePath().getParent();
      // With the scheme, it is a local file for Spark too when the default file system is not.
      String path = "file:" + Path.of(folder + text.substring(CONFIG_DIR.length())).normalize();
      return new Node(path, path, node.origin());
    }
    return node;
  }
}
