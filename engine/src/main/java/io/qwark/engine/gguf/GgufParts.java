package io.qwark.engine.gguf;

import io.qwark.engine.api.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one model: one, or the parts {@code NAME-00001-of-00003.gguf} that llama.cpp's
 * gguf-split makes, of which the first holds the metadata. Immutable.
 *
 * @param path the file, or the first of them
 */
record GgufParts(Path path, List<Path> files, GgufMetadata metadata, List<TensorInfo> tensors) {
  private static final String COUNT = "split.count";
  private static final String NUMBER = "split.no";
  private static final String ALL_TENSORS = "split.tensors.count";
  private static final int MAX_PARTS = 9_999;
  private static final Pattern PART = Pattern.compile("(.+)-([0-9]{5})-of-([0-9]{5})\\.gguf");

  /**
   * @param path the file, or any part
   * @throws UserException if one is missing or damaged, or they do not belong together
   */
  static GgufParts open(Path path) {
    GgufFile given = GgufFile.open(path);
    int count = given.metadata().integer(COUNT, 0, MAX_PARTS, 0);
    if (count <= 1) {
      return new GgufParts(path, List.of(path), given.metadata(), given.tensors());
    }
    List<Path> files = parts(path, count);
    List<TensorInfo> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    GgufMetadata first = null;
    for (int i = 0; i < count; i++) {
      GgufFile part = GgufFile.open(files.get(i));
      first = first == null ? part.metadata() : first;
      if (part.metadata().integer(COUNT, 0, MAX_PARTS, 0) != count
          || part.metadata().integer(NUMBER, 0, MAX_PARTS) != i) {
        throw GgufErrors.damaged(
            files.get(i), "its metadata does not say that it is part " + (i + 1) + " of " + count);
      }
      for (TensorInfo tensor : part.tensors()) {
        if (!names.add(tensor.name())) {
          throw GgufErrors.tensor(files.get(i), tensor.name(), "is in an earlier part too");
        }
        tensors.add(tensor);
      }
    }
    int announced = first.integer(ALL_TENSORS, 0, Integer.MAX_VALUE, tensors.size());
    if (announced != tensors.size()) {
      throw GgufErrors.damaged(
          files.get(0),
          "its parts hold " + tensors.size() + " tensors and it announces " + announced);
    }
    return new GgufParts(files.get(0), files, first, List.copyOf(tensors));
  }

  TensorInfo find(String name) {
    return tensors.stream().filter(t -> t.name().equals(name)).findFirst().orElse(null);
  }

  /** Whether this is the name of a part other than the first. */
  static boolean isLaterPart(Path path) {
    Matcher name = PART.matcher(path.getFileName().toString());
    return name.matches() && Integer.parseInt(name.group(2)) != 1;
  }

  private static List<Path> parts(Path path, int count) {
    Matcher name = PART.matcher(path.getFileName().toString());
    if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
      throw new UserException(
          "Cannot open " + path,
          "it is one of " + count + " parts and its name does not say which",
          "Keep the names that the parts came with, NAME-00001-of-%05d.gguf".formatted(count));
    }
    List<Path> files = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Path file = path.resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.group(1), i, count));
      files.add(file);
      if (!Files.isRegularFile(file)) {
        missing.add(file.getFileName().toString());
      }
    }
    if (!missing.isEmpty()) {
      throw new UserException(
          "Cannot open " + path,
          "of its " + count + " parts these are missing: " + String.join(", ", missing),
          "Download all parts into one folder");
    }
    return files;
  }
}
