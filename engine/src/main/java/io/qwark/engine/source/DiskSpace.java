package io.qwark.engine.source;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether a disk has room. */
public final class DiskSpace {
  private static final long RESERVE = 64L << 20;

  private DiskSpace() {}

  /**
   * @param folder exists
   * @throws UserException if the folder's disk has no room for so many bytes more
   */
  public static void require(Path folder, long bytes, String model) {
    long free;
    try {
      free = Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw new UserException(
          "Cannot use the cache folder " + folder,
          String.valueOf(e.getMessage()),
          "Name another folder for the cache",
          e);
    }
    if (bytes > 0 && free < bytes + RESERVE) {
      throw new UserException(
          "Cannot fetch " + model,
          String.format(
              Locale.ROOT,
              "%s are still to be fetched, and the disk of %s has %s free",
              megabytes(bytes),
              folder,
              megabytes(free)),
          "Free some space, or name a cache folder on another disk");
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", (bytes + 999_999) / 1_000_000);
  }
}
