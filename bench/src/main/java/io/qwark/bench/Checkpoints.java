package io.qwark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of random models, which are written when they are first asked for and then kept. */
record Checkpoints(Path folder) {

  /** Writes to a path. */
  private interface Writer {
    void write(Path to) throws IOException;
  }

  /** A model folder for our engine. */
  Path ours(Shape shape) throws IOException {
    return existing(shape.wireName, to -> RandomCheckpoint.write(shape, to));
  }

  /** The same model for llama.cpp. */
  Path llama(Shape shape, GgufType format) throws IOException {
    Path source = ours(shape);
    return existing(
        shape.wireName + "-" + format.wireName() + ".gguf",
        to -> Gguf.write(shape, source, format, to));
  }

  /** Where the engine keeps the converted weights of a shape. */
  Path weightsCache(Shape shape) {
    return folder.resolve("converted").resolve(shape.wireName);
  }

  /** Removes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }

  private Path existing(String name, Writer writer) throws IOException {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      System.err.println("Writing " + path + " ...");
      Files.createDirectories(folder);
      // Under another name until it is whole.
      Path part = folder.resolve(name + ".part");
      delete(part);
      writer.write(part);
      Files.move(part, path);
    }
    return path;
  }
}
