package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.DiskSpace;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.ParallelTasks;
import io.qwark.engine.source.RemoteFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/** Brings several files of a model into the cache, a few at a time. */
final class Downloads {
  private Downloads() {}

  /**
   * Returns when all are there; on a failure, when the others have stopped.
   *
   * @param wanted of the listing
   * @throws UserException if one cannot be had
   */
  static void fetch(
      Listing listing,
      List<RemoteFile> wanted,
      HubCache cache,
      HubApi api,
      HubSettings settings,
      FetchProgress progress)
      throws IOException {
    List<HubFile> missing = new ArrayList<>();
    List<RemoteFile> copies = new ArrayList<>();
    Set<Checksum> contents = new HashSet<>();
    long bytes = 0;
    long present = 0;
    for (RemoteFile file : wanted) {
      HubFile listed = listing.find(file.path());
      if (cache.has(listing.id(), listed)) {
        continue;
      }
      if (contents.add(listed.checksum())) {
        missing.add(listed);
        bytes += listed.size();
        Path unfinished = cache.unfinished(listing.id(), listed);
        present += Files.exists(unfinished) ? Files.size(unfinished) : 0;
      } else {
        copies.add(file);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    String name = listing.id().repository();
    DiskSpace.require(settings.cache(), bytes - present, name);
    FetchProgress shared = ParallelTasks.oneAtATime(progress);
    shared.begin(name, missing.size(), bytes, present);
    HttpTransport transport = new HttpTransport(settings, api.credentials());
    AtomicBoolean stopped = new AtomicBoolean();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (HubFile file : missing) {
      tasks.add(
          () -> {
            Path unfinished = cache.unfinished(listing.id(), file);
            new Download(listing.id(), file, api, transport, settings, shared, stopped::get)
                .into(unfinished);
            if (!stopped.get()) {
              cache.put(listing.id(), file, unfinished);
            }
            return null;
          });
    }
    try {
      ParallelTasks.run(tasks, settings.parallel(), stopped);
    } finally {
      shared.end();
    }
    // Contents are put together under their checksums: one of each at a time.
    fetch(listing, copies, cache, api, settings, progress);
  }
}
