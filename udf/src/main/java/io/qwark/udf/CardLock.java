package io.qwark.udf;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that a card of this host is taken, to other processes of the same user: a locked file, which
 * the system unlocks when its process ends, however it ends. Spark's masters do not assign a card
 * twice, but two clusters on a host, or executors that were never told apart, would.
 *
 * @param folder the same for all processes of the host
 * @param card tells the host's cards apart
 * @param owner what others are told about this process
 * @param patience how long to wait for another process
 */
record CardLock(Path folder, String card, String owner, Duration patience) {
  private static final Logger LOG = LoggerFactory.getLogger(CardLock.class);
  private static final long LOOK_EVERY_MS = 100;
  private static final int LONGEST_OWNER = 300;

  /** The locks of this process, which has each only once. */
  private static final Map<Path, Held> HELD = new HashMap<>();

  /** Locked until as many are closed as were taken. */
  static final class Held implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private int users;

    private Held(Path file, FileChannel channel) {
      this.file = file;
      this.channel = channel;
    }

    @Override
    public void close() {
      synchronized (HELD) {
        users--;
        if (users == 0) {
          HELD.remove(file);
          try {
            channel.close();
          } catch (IOException e) {
            LOG.warn("Cannot give back the lock {}", file, e);
          }
        }
      }
    }
  }

  /** One of the user's own, the same in all containers that share the host's /tmp. */
  static Path defaultFolder() {
    return Path.of("/tmp", "qwark-gpus-" + user());
  }

  /**
   * Takes the card, or takes it once more if this process has it.
   *
   * @throws UserException if another process keeps it, or the folder cannot be used
   */
  Held take() {
    makeFolder();
    Path file = folder.resolve(card.replaceAll("[^\\w-]", "_") + ".lock");
    long end = System.nanoTime() + patience.toNanos();
    boolean told = false;
    while (true) {
      Held held = tryTake(file);
      if (held != null) {
        return held;
      }
      if (System.nanoTime() >= end) {
        throw taken(file);
      }
      if (!told) {
        LOG.info("Waiting up to {} for the GPU {}, held by {}", patience, card, ownerOf(file));
        told = true;
      }
      pause();
    }
  }

  private Held tryTake(Path file) {
    synchronized (HELD) {
      Held held = HELD.get(file);
      if (held == null) {
        held = lock(file);
      }
      if (held != null) {
        held.users++;
      }
      return held;
    }
  }

  /** Null if another process has it. */
  private Held lock(Path file) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        return null;
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)));
      Held held = new Held(file, channel);
      HELD.put(file, held);
      return held;
    } catch (IOException e) {
      closeQuietly(channel);
      throw unusable(e.toString(), e);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.debug("Cannot close a lock file", e);
    }
  }

  private void makeFolder() {
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      LOG.debug("{} is there", folder);
    } catch (IOException e) {
      throw unusable(e.toString(), e);
    }
    // Anybody may make anything in /tmp.
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || uid(folder, LinkOption.NOFOLLOW_LINKS) != user()) {
      throw unusable("it is no folder of this user", null);
    }
  }

  /** The link itself is root's; what it leads to is of whoever looks. */
  private static int user() {
    return uid(Path.of("/proc/self"));
  }

  private static int uid(Path path, LinkOption... options) {
    try {
      return (Integer) Files.getAttribute(path, "unix:uid", options);
    } catch (IOException e) {
      throw new UserException(
          "Cannot see the owner of " + path, e.toString(), "Check its permissions", e);
    }
  }

  private UserException unusable(String reason, IOException e) {
    return new UserException(
        "Cannot lock the GPU " + card + " in " + folder,
        reason,
        "Set "
            + GpuSettings.LOCK_FOLDER
            + " to a folder of this user that all executors of a host see",
        e);
  }

  private UserException taken(Path file) {
    return new UserException(
        "Cannot use the GPU " + card,
        ownerOf(file) + " has a replica on it",
        "Give each executor of a host a card of its own (docs/gpu.md), or set "
            + GpuSettings.SHARED
            + "=true if they are to share its memory");
  }

  /** For messages alone: it may change at any time. */
  private static String ownerOf(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer text = ByteBuffer.allocate(LONGEST_OWNER);
      channel.read(text);
      String owner = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
      return owner.isEmpty() ? "another process" : owner;
    } catch (IOException e) {
      return "another process";
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_EVERY_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited for a GPU", e);
    }
  }
}
