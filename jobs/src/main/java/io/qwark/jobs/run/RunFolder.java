package io.qwark.jobs.run;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.OutputConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A run's output folder. Tables are written beside their place and moved into it when they are
 * complete, so that what has its final name can be relied upon.
 */
public final class RunFolder {
  /** Everything that a run may leave in its folder; what replaces a run removes nothing else. */
  private static final List<String> PARTS =
      List.of("samples", "table", "summary.json", "run.json", "report.html", ".incomplete");

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final FileSystem system;
  private final Path path;
  private final boolean replaces;

  private RunFolder(FileSystem system, Path path, boolean replaces) {
    this.system = system;
    this.path = path;
    this.replaces = replaces;
  }

  /**
   * Makes the folder, so that a wrong one is known before any work.
   *
   * @param name what the run is called after the time if it is given no id
   * @throws UserException if the folder exists and is not to be replaced, or cannot be written
   */
  public static RunFolder create(
      Configuration hadoop, OutputConfig output, String name, Existing existing) {
    try {
      Path dir = new Path(output.dir());
      FileSystem system = dir.getFileSystem(hadoop);
      Path path = system.makeQualified(new Path(dir, id(system, dir, output.runId(), name)));
      boolean exists = system.exists(path);
      if (exists) {
        requireReplaceable(system, path, existing);
      }
      if (!system.mkdirs(path)) {
        throw notWritable(output.dir(), "the folder cannot be made", null);
      }
      Path probe = new Path(path, ".incomplete/probe");
      system.create(probe, true).close();
      system.delete(probe, false);
      return new RunFolder(system, path, exists);
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
      throw notWritable(output.dir(), String.valueOf(e.getMessage()), e);
    }
  }

  /** What to do with a run of the same name. */
  public enum Existing {
    KEEP,
    REPLACE
  }

  private static String id(FileSystem system, Path dir, String wanted, String name)
      throws IOException {
    if (wanted != null) {
      return wanted;
    }
    String stamped = STAMP.format(Instant.now()) + "-" + name.replaceAll("[^A-Za-z0-9._=-]", "-");
    String id = stamped;
    for (int i = 2; system.exists(new Path(dir, id)); i++) {
      id = stamped + "-" + i;
    }
    return id;
  }

  private static void requireReplaceable(FileSystem system, Path path, Existing existing)
      throws IOException {
    if (existing == Existing.KEEP) {
      throw new UserException(
          "Cannot write to " + path,
          "a run of that name exists",
          "Give another --run-id, or --overwrite to replace it");
    }
    for (FileStatus status : system.listStatus(path)) {
      if (!PARTS.contains(status.getPath().getName())) {
        throw new UserException(
            "Cannot overwrite " + path,
            "it holds " + status.getPath().getName() + ", which no run wrote",
            "Give another --run-id");
      }
    }
  }

  private static UserException notWritable(String dir, String reason, Throwable underlying) {
    return new UserException(
        "Cannot write to the output folder " + dir,
        reason.lines().findFirst().orElse("it failed"),
        "Give --output a folder that you may write to",
        underlying);
  }

  public String id() {
    return path.getName();
  }

  public Path path() {
    return path;
  }

  /** The path for people: without a scheme where it is local. */
  public String shown() {
    return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
  }

  /** Where Spark writes a table before {@link #publish}. */
  public String pending(String part) {
    return new Path(path, ".incomplete/" + part).toString();
  }

  /** A complete table. */
  public String part(String part) {
    return new Path(path, part).toString();
  }

  /** Moves a complete table to its place, which takes the place of an older one. */
  public void publish(String part) {
    try {
      if (replaces) {
        for (String old : PARTS) {
          if (!old.startsWith(".")) {
            system.delete(new Path(path, old), true);
          }
        }
      }
      if (!system.rename(new Path(pending(part)), new Path(path, part))) {
        throw new IOException("Cannot move " + pending(part) + " to " + new Path(path, part));
      }
      system.delete(new Path(path, ".incomplete"), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Removes what is incomplete, and the folder if nothing else is in it; the failure stays first.
   */
  public void abandon(Throwable failure) {
    try {
      system.delete(new Path(path, ".incomplete"), true);
      if (system.listStatus(path).length == 0) {
        system.delete(path, false);
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
