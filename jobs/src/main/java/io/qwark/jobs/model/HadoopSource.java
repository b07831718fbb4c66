package io.qwark.jobs.model;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.DiskSpace;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.FetchedNote;
import io.qwark.engine.source.HostLock;
import io.qwark.engine.source.NeededFiles;
import io.qwark.engine.source.ParallelTasks;
import io.qwark.engine.source.RemoteFile;
import io.qwark.engine.source.Sketch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;

/**
 * A model of a Hadoop file system, copied into a cache folder of the host. A copy belongs to the
 * files' lengths and times of change; where they change, the next job copies them anew.
 */
final class HadoopSource implements ModelSource {
  private static final int PARALLEL = 4;

  private final String name;
  private final HadoopFiles files;
  private final Path cache;
  private final FetchProgress progress;

  HadoopSource(String name, HadoopFiles files, Path cache, FetchProgress progress) {
    this.name = name;
    this.files = files;
    this.cache = cache;
    this.progress = progress;
  }

  static HadoopSource of(String whole, Configuration hadoop, FetchProgress progress) {
    return new HadoopSource(
        whole, HadoopFiles.list(whole, hadoop), ModelCache.folder(System.getenv()), progress);
  }

  /** Versions of files have no names in Hadoop. */
  @Override
  public String pin() {
    return name;
  }

  @Override
  public boolean isUnknownHere() {
    return false;
  }

  @Override
  public Path fetch() {
    try {
      NeededFiles needed = NeededFiles.choose(files, files.file());
      Path entry = cache.resolve(files.folder().getName() + "-" + files.stamp(needed.files()));
      Path note = entry.resolve("fetched.json");
      try (HostLock lock =
          HostLock.take(cache.resolve(entry.getFileName() + ".lock"), name, progress)) {
        if (FetchedNote.read(note, entry) == null) {
          copy(needed.files(), entry);
          FetchedNote.write(note, needed);
        }
      }
      return entry.resolve(needed.model());
    } catch (IOException e) {
      throw HadoopFiles.unreadable(name, e);
    }
  }

  private void copy(List<RemoteFile> needed, Path entry) throws IOException {
    Files.createDirectories(entry);
    List<RemoteFile> missing = new ArrayList<>();
    long bytes = 0;
    long present = 0;
    for (RemoteFile file : needed) {
      Path to = entry.resolve(file.path());
      if (!Files.isRegularFile(to) || Files.size(to) != file.size()) {
        missing.add(file);
        bytes += file.size();
        Path unfinished = HadoopCopy.unfinished(to);
        present += Files.exists(unfinished) ? Files.size(unfinished) : 0;
      }
    }
    DiskSpace.require(entry, bytes - present, name);
    FetchProgress shared = ParallelTasks.oneAtATime(progress);
    shared.begin(name, missing.size(), bytes, present);
    AtomicBoolean stopped = new AtomicBoolean();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (RemoteFile file : missing) {
      tasks.add(
          () -> {
            new HadoopCopy(files, file, shared, stopped::get).into(entry.resolve(file.path()));
            return null;
          });
    }
    try {
      ParallelTasks.run(tasks, PARALLEL, stopped);
    } finally {
      shared.end();
    }
  }

  @Override
  public Sketch sketch() {
    try {
      return Sketch.of(files, NeededFiles.choose(files, files.file()));
    } catch (IOException e) {
      throw HadoopFiles.unreadable(name, e);
    }
  }

  @Override
  public String license() {
    return null;
  }

  /** A file that is another one now than when it was listed. */
  static UserException changed(String model, RemoteFile file) {
    return new UserException(
        "Cannot copy " + file.path() + " of " + model,
        "it was changed while it was copied",
        "Start again when nobody writes to it any more");
  }
}
