package io.qwark.engine.source;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Held by one thread of one process at a time, of all that see the same file: several executors of
 * a host fetch a model once. The system releases it when a process dies. A thread that holds it may
 * take it again.
 */
public final class HostLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostLock.class);
  private static final long POLL_MS = 200;
  private static final long NOTE_SECONDS = 30;

  /** File locks are a process's: among its threads these decide. */
  private static final Map<Path, ReentrantLock> OF_THIS_PROCESS = new ConcurrentHashMap<>();

  private final ReentrantLock own;
  private final FileChannel channel;

  private HostLock(ReentrantLock own, FileChannel channel) {
    this.own = own;
    this.channel = channel;
  }

  /**
   * Waits until nobody else holds the lock; notes that it waits.
   *
   * @param file made where it is not there; it stays
   * @throws UserException if the file cannot be made or locked, or the thread is interrupted
   */
  public static HostLock take(Path file, String model, FetchProgress progress) {
    ReentrantLock own =
        OF_THIS_PROCESS.computeIfAbsent(
            file.toAbsolutePath().normalize(), f -> new ReentrantLock());
    Waiting waiting = new Waiting(model, progress);
    try {
      while (!own.tryLock(POLL_MS, TimeUnit.MILLISECONDS)) {
        waiting.note();
      }
    } catch (InterruptedException e) {
      throw interrupted(model, e);
    }
    if (own.getHoldCount() > 1) {
      return new HostLock(own, null);
    }
    FileChannel channel = null;
    try {
      Files.createDirectories(file.getParent());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      while (lock == null) {
        waiting.note();
        Thread.sleep(POLL_MS);
        lock = channel.tryLock();
      }
      return new HostLock(own, channel);
    } catch (IOException | InterruptedException e) {
      own.unlock();
      closeQuietly(channel);
      if (e instanceof InterruptedException interruption) {
        throw interrupted(model, interruption);
      }
      throw new UserException(
          "Cannot write to the cache folder " + file.getParent(),
          e.toString(),
          "Check its permissions, or name another folder for the cache",
          e);
    }
  }

  private static UserException interrupted(String model, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UserException("Cannot fetch " + model, "it was interrupted", "Try again", e);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.debug("The lock ends with the process", e);
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
    own.unlock();
  }

  /** Says once in a while what is waited for. */
  private static final class Waiting {
    private final String model;
    private final FetchProgress progress;
    private long last = System.nanoTime();
    private boolean said;

    Waiting(String model, FetchProgress progress) {
      this.model = model;
      this.progress = progress;
    }

    void note() {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - last);
      if (seconds >= (said ? NOTE_SECONDS : 2)) {
        progress.note("Waiting for another process or thread that fetches " + model);
        last = System.nanoTime();
        said = true;
      }
    }
  }
}
