package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a folder, from {@code model.safetensors} or the shards that {@code
 * model.safetensors.index.json} lists. Immutable; nothing to close, see {@link TensorEntry}.
 */
public final class SafeTensors implements Tensors {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private final Path folder;
  private final List<Path> files;
  private final Map<String, TensorEntry> entries;

  private SafeTensors(Path folder, List<Path> files, Map<String, TensorEntry> entries) {
    this.folder = folder;
    this.files = List.copyOf(files);
    this.entries = Collections.unmodifiableMap(entries);
  }

  /**
   * Maps the files and reads their headers.
   *
   * @throws io.qwark.engine.api.UserException if a file is missing or damaged, or index and shards
   *     disagree
   */
  public static SafeTensors open(Path folder) {
    Path single = folder.resolve(SINGLE);
    if (Files.exists(single)) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>();
      SafeTensorsHeader.read(MappedFile.open(single)).forEach(e -> entries.put(e.name(), e));
      return new SafeTensors(folder, List.of(single), entries);
    }
    Path index = folder.resolve(INDEX);
    Map<String, String> shardOf = shardOf(index);
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    List<Path> files = shards(index, shardOf);
    for (Path shard : files) {
      for (TensorEntry entry : SafeTensorsHeader.read(MappedFile.open(shard))) {
        String expected = shardOf.get(entry.name());
        if (!shard.getFileName().toString().equals(expected)) {
          throw Errors.tensor(
              shard,
              entry.name(),
              expected == null
                  ? INDEX + " does not list it"
                  : INDEX + " has it in " + Errors.shown(expected));
        }
        entries.put(entry.name(), entry);
      }
    }
    for (Map.Entry<String, String> listed : shardOf.entrySet()) {
      if (!entries.containsKey(listed.getKey())) {
        throw Errors.tensor(
            folder.resolve(listed.getValue()),
            listed.getKey(),
            INDEX + " lists it and the shard does not hold it");
      }
    }
    return new SafeTensors(folder, files, entries);
  }

  /** The weight files that {@link #open} would read, in the order of their names. */
  static List<Path> files(Path folder) {
    Path single = folder.resolve(SINGLE);
    Path index = folder.resolve(INDEX);
    return Files.exists(single) ? List.of(single) : shards(index, shardOf(index));
  }

  @Override
  public Path path() {
    return folder;
  }

  @Override
  public List<Path> files() {
    return files;
  }

  /** In the order of the files. */
  @Override
  public Collection<TensorEntry> entries() {
    return entries.values();
  }

  @Override
  public TensorEntry find(String name) {
    return entries.get(name);
  }

  private static List<Path> shards(Path index, Map<String, String> shardOf) {
    return new TreeSet<>(shardOf.values()).stream().map(index::resolveSibling).toList();
  }

  private static Map<String, String> shardOf(Path index) {
    Fields fields = Fields.of(index);
    JsonNode map = fields.require("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw Errors.damaged(index, "`weight_map` is not an object of tensors and file names");
    }
    Map<String, String> shardOf = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String file = entry.getValue().textValue();
      // A shard lies beside its index: nothing else on the machine may be opened as one.
      if (file == null || !file.matches("[A-Za-z0-9._-]{1,200}") || file.startsWith(".")) {
        throw Errors.damaged(
            index,
            "`weight_map` gives tensor "
                + Errors.shown(entry.getKey())
                + " no plain file name: "
                + Errors.shown(entry.getValue().toString()));
      }
      shardOf.put(entry.getKey(), file);
    }
    return shardOf;
  }
}
