package io.qwark.engine.torch;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.FileStamp;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Tensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packed weights kept in a folder, so that later replicas map them instead of making them again.
 * The entry of a checkpoint bears the stamp of its files and is never changed once it is there:
 * processes that come at the same time wait for the first one and share its pages.
 */
final class WeightsCache {
  private static final Logger LOG = LoggerFactory.getLogger(WeightsCache.class);

  private static final String FILE = "model.safetensors";

  private final Path folder;

  /**
   * The folder that an option means, see {@link EngineOptions}.
   *
   * @param option a folder, off, or null for the user's cache folder
   * @return null for none
   */
  static Path folder(String option) {
    if (option == null) {
      String home = System.getenv("XDG_CACHE_HOME");
      Path caches =
          home == null || home.isEmpty()
              ? Path.of(System.getProperty("user.home"), ".cache")
              : Path.of(home);
      return caches.resolve("qwark").resolve("weights");
    }
    return option.equals(EngineOptions.NO_WEIGHTS_CACHE) ? null : Path.of(option);
  }

  WeightsCache(Path folder) {
    this.folder = folder;
  }

  /**
   * Hands the packed weights of a checkpoint to the program, from the cache where it can be used.
   * Where it cannot, for lack of space or rights, they are packed into memory and the log says why.
   */
  void load(Tensors checkpoint, PackedWeights weights) {
    if (!weights.fitsFile()) {
      LOG.warn("The converted weights are not kept: a tensor of them is larger than 1 GiB");
      weights.pack();
      return;
    }
    Path entry = folder.resolve(FileStamp.of(weights.layout(), checkpoint.files()));
    try {
      if (!use(entry, weights)) {
        create(entry, weights);
      }
    } catch (IOException e) {
      LOG.warn(
          "The converted weights are not kept in {}: {}. The next replica converts them again;"
              + " name another folder in weights_cache, or set it to off.",
          folder,
          e.toString());
      weights.pack();
    }
  }

  private static boolean use(Path entry, PackedWeights weights) {
    if (!Files.exists(entry.resolve(FILE))) {
      return false;
    }
    String damage;
    try {
      damage = weights.use(SafeTensors.open(entry));
    } catch (UserException e) {
      damage = e.getMessage();
    }
    if (damage != null) {
      LOG.warn("The converted weights in {} are damaged and made anew: {}", entry, damage);
    }
    return damage == null;
  }

  /** Within one process one engine after the other, since file locks are a process's. */
  private void create(Path entry, PackedWeights weights) throws IOException {
    synchronized (WeightsCache.class) {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(entry.getFileName() + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        // Another replica may have made it while this one waited.
        if (lock.isValid() && use(entry, weights)) {
          return;
        }
        write(entry, weights);
        if (!use(entry, weights)) {
          throw new IOException("what was just written to " + entry + " cannot be used");
        }
      }
    }
  }

  private void write(Path entry, PackedWeights weights) throws IOException {
    Path unfinished = folder.resolve(entry.getFileName() + ".unfinished");
    try {
      // One that was left by a process that was killed.
      Files.deleteIfExists(unfinished);
      weights.write(unfinished);
      Files.createDirectories(entry);
      Files.move(
          unfinished,
          entry.resolve(FILE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }
}
