package io.qwark.jobs.data;

import io.qwark.engine.api.UserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files behind a path.
 *
 * @param given as the user wrote it
 * @param files not empty, in the order of their names, so that rows have the same numbers always
 */
record SourceFiles(String given, List<FileStatus> files) {

  /**
   * @param given a file, a folder (taken with all below it) or a glob of any Hadoop file system
   * @throws UserException if there is nothing or it cannot be read
   */
  static SourceFiles list(String given, Configuration hadoop) {
    List<FileStatus> files = new ArrayList<>();
    try {
      Path path = new Path(given);
      FileSystem system = path.getFileSystem(hadoop);
      FileStatus[] matches =
          system.exists(path)
              ? new FileStatus[] {system.getFileStatus(path)}
              : system.globStatus(path);
      if (matches == null || matches.length == 0) {
        throw new UserException(
            "Cannot read " + given,
            "there is no such file or folder (" + system.makeQualified(path) + ")",
            "Correct the path; a relative one begins at the working directory");
      }
      for (FileStatus match : matches) {
        addAll(system, match, files);
      }
    } catch (FileNotFoundException e) {
      throw unreadable(given, "it went away while it was listed", e);
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
      throw unreadable(given, String.valueOf(e.getMessage()), e);
    }
    if (files.isEmpty()) {
      throw new UserException(
          "Cannot read " + given,
          "it is a folder without data files",
          "Give the path of a file, of a folder with files, or a glob");
    }
    files.sort(Comparator.comparing(f -> f.getPath().toString()));
    return new SourceFiles(given, List.copyOf(files));
  }

  private static void addAll(FileSystem system, FileStatus status, List<FileStatus> files)
      throws IOException {
    if (status.isFile()) {
      files.add(status);
      return;
    }
    for (FileStatus below : system.listStatus(status.getPath())) {
      String name = below.getPath().getName();
      if (!name.startsWith("_") && !name.startsWith(".")) {
        addAll(system, below, files);
      }
    }
  }

  Path first() {
    return files.get(0).getPath();
  }

  long bytes() {
    return files.stream().mapToLong(FileStatus::getLen).sum();
  }

  static UserException unreadable(String given, String reason, Throwable underlying) {
    return new UserException(
        "Cannot read " + given,
        reason.lines().findFirst().orElse("it failed"),
        "Check the path, its permissions and the file system's settings",
        underlying);
  }
}
