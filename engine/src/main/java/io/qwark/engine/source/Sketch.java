package io.qwark.engine.source;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A model that is not fetched, as far as telling what it is needs: small files whole, of weight
 * files only the beginning, which names and shapes tensors. The files have their true sizes; what
 * was not fetched reads as zeros and takes no room on the disk. For looking, never for running.
 */
public final class Sketch implements AutoCloseable {
  private static final long WHOLE_BYTES = 64L << 20;

  /** Holds the metadata of a GGUF file, of which the tokenizer is the most. */
  private static final long GGUF_BYTES = 32L << 20;

  private static final long MAX_HEADER_BYTES = 100L << 20;

  private final Path folder;
  private final NeededFiles needed;

  private Sketch(Path folder, NeededFiles needed) {
    this.folder = folder;
    this.needed = needed;
  }

  /**
   * Fetches what is needed into a folder for temporary files.
   *
   * @throws UserException if the model cannot be had
   */
  public static Sketch of(RemoteFiles remote, NeededFiles needed) throws IOException {
    Sketch sketch = new Sketch(Files.createTempDirectory("qwark-sketch"), needed);
    try {
      for (RemoteFile file : needed.files()) {
        sketch.add(remote, file);
      }
      return sketch;
    } catch (IOException | RuntimeException e) {
      sketch.close();
      throw e;
    }
  }

  /** What to open: the folder, or a file in it. */
  public Path model() {
    return folder.resolve(needed.model());
  }

  private void add(RemoteFiles remote, RemoteFile file) throws IOException {
    Path to = folder.resolve(file.path());
    Files.createDirectories(to.getParent());
    try (FileChannel out =
        FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      if (file.name().endsWith(".safetensors")) {
        byte[] length = read(remote, file, 0, Long.BYTES);
        long header = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (header < 0 || header > Math.min(MAX_HEADER_BYTES, file.size() - Long.BYTES)) {
          throw new UserException(
              "Cannot read " + file.path() + " of " + remote.name(),
              "its header would have " + header + " bytes",
              "Choose another model or revision");
        }
        write(out, length);
        write(out, read(remote, file, Long.BYTES, header));
      } else if (Ggufs.isGguf(file)) {
        write(out, read(remote, file, 0, Math.min(file.size(), GGUF_BYTES)));
      } else if (file.size() <= WHOLE_BYTES) {
        write(out, read(remote, file, 0, file.size()));
      }
      if (out.size() < file.size()) {
        out.write(ByteBuffer.allocate(1), file.size() - 1);
      }
    }
  }

  private static byte[] read(RemoteFiles remote, RemoteFile file, long from, long count)
      throws IOException {
    if (count == 0) {
      return new byte[0];
    }
    try (InputStream in = remote.open(file, from)) {
      byte[] bytes = in.readNBytes(Math.toIntExact(count));
      if (bytes.length < count) {
        throw new UserException(
            "Cannot read " + file.path() + " of " + remote.name(),
            "it ends after " + (from + bytes.length) + " bytes",
            "Try again later, or choose another model or revision");
      }
      return bytes;
    }
  }

  private static void write(FileChannel out, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
