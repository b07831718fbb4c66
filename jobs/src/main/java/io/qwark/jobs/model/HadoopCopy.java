package io.qwark.jobs.model;

import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.RemoteFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;

/** Copies one file of a Hadoop file system; goes on where an earlier try broke off. */
final class HadoopCopy {
  private static final int TRIES = 5;
  private static final long PAUSE_MS = 500;

  private final HadoopFiles files;
  private final RemoteFile file;
  private final FetchProgress progress;
  private final BooleanSupplier stopped;

  HadoopCopy(HadoopFiles files, RemoteFile file, FetchProgress progress, BooleanSupplier stopped) {
    this.files = files;
    this.file = file;
    this.progress = progress;
    this.stopped = stopped;
  }

  static Path unfinished(Path to) {
    return to.resolveSibling(to.getFileName() + ".incomplete");
  }

  /** The file is there whole afterwards, unless the copy was stopped. */
  void into(Path to) throws IOException {
    Path unfinished = unfinished(to);
    if (Files.exists(unfinished) && Files.size(unfinished) > file.size()) {
      progress.advance(-Files.size(unfinished));
      Files.delete(unfinished);
    }
    int failures = 0;
    while (!stopped.getAsBoolean()) {
      long before = Files.exists(unfinished) ? Files.size(unfinished) : 0;
      try {
        append(unfinished, before);
        if (stopped.getAsBoolean()) {
          return;
        }
        if (!files.isUnchanged(file)) {
          Files.delete(unfinished);
          throw HadoopSource.changed(files.name(), file);
        }
        Files.move(
            unfinished, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return;
      } catch (FileNotFoundException | FileSystemException e) {
        throw e;
      } catch (IOException e) {
        long now = Files.exists(unfinished) ? Files.size(unfinished) : 0;
        failures = now > before + file.size() / 16 ? 1 : failures + 1;
        if (failures >= TRIES) {
          throw e;
        }
        pause(failures, e);
      }
    }
  }

  private void pause(int failures, IOException e) throws IOException {
    progress.note("%s: %s; trying again".formatted(file.path(), e.getMessage()));
    try {
      Thread.sleep(PAUSE_MS << (failures - 1));
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  private void append(Path to, long offset) throws IOException {
    byte[] buffer = new byte[1 << 20];
    long at = offset;
    try (OutputStream out =
        Files.newOutputStream(to, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      if (at == file.size()) {
        return;
      }
      try (InputStream in = files.open(file, offset)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (at + read > file.size()) {
            throw HadoopSource.changed(files.name(), file);
          }
          if (stopped.getAsBoolean()) {
            return;
          }
          out.write(buffer, 0, read);
          at += read;
          progress.advance(read);
        }
      }
    }
    if (at < file.size()) {
      throw new IOException("it ends after " + at + " of " + file.size() + " bytes");
    }
  }
}
