package io.qwark.engine.gguf;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.FolderDigest;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A model in a GGUF file, or in the parts of one. Its head is read when it is opened. */
public final class GgufModel implements ModelFiles {
  private static final String SUFFIX = ".gguf";

  /** How llama.cpp's converter begins the names of vision encoders, which lie beside models. */
  private static final String VISION = "mmproj";

  private final GgufParts parts;

  private GgufModel(GgufParts parts) {
    this.parts = parts;
  }

  /**
   * Maps the file and reads its head.
   *
   * @param file of any name, such as one of Ollama's blobs; or any part of a set
   * @throws UserException if it is damaged or a part is missing
   */
  public static GgufModel open(Path file) {
    return new GgufModel(GgufParts.open(file));
  }

  /** Whether a file begins as GGUF files do, or is named as one. */
  public static boolean isGguf(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(Integer.BYTES);
      return file.toString().endsWith(SUFFIX)
          || start.length == Integer.BYTES
              && ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt() == GgufFile.MAGIC;
    } catch (IOException e) {
      throw GgufErrors.damaged(file, e.toString());
    }
  }

  /**
   * The GGUF model in a folder: its one file, or the first of its parts.
   *
   * @return null if there is none
   * @throws UserException if there are several
   */
  public static Path in(Path folder) {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(f -> f.getFileName().toString().endsWith(SUFFIX) && Files.isRegularFile(f))
              .filter(f -> !f.getFileName().toString().startsWith(VISION))
              .filter(f -> !GgufParts.isLaterPart(f))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw GgufErrors.damaged(folder, e.toString());
    }
    if (files.size() > 1) {
      List<String> names = files.stream().limit(5).map(f -> f.getFileName().toString()).toList();
      throw new UserException(
          "Cannot open model folder " + folder,
          "it holds " + files.size() + " GGUF models: " + String.join(", ", names),
          "Give the path of one of these files");
    }
    return files.isEmpty() ? null : files.get(0);
  }

  @Override
  public Path path() {
    return parts.path();
  }

  @Override
  public ModelConfig config() {
    return GgufConfig.of(parts);
  }

  /** What {@code general.sampling.*} recommends; see {@link GgufSampling}. */
  @Override
  public GenerationDefaults generationDefaults() {
    return GgufSampling.of(parts.path(), parts.metadata());
  }

  @Override
  public String tokenizerJson() {
    return GgufTokenizer.json(parts.metadata());
  }

  @Override
  public String chatTemplate() {
    return parts.metadata().text("tokenizer.chat_template", null);
  }

  @Override
  public Tensors tensors() {
    return GgufTensors.of(parts);
  }

  /** SHA-256 over the files as {@link FolderDigest} takes it: names, sizes and contents. */
  @Override
  public String digest() {
    return FolderDigest.of(parts.files());
  }
}
