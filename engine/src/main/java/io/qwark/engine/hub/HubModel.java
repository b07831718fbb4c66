package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.FetchedNote;
import io.qwark.engine.source.HostLock;
import io.qwark.engine.source.LocalFiles;
import io.qwark.engine.source.NeededFiles;
import io.qwark.engine.source.RemoteFile;
import io.qwark.engine.source.RemoteFiles;
import io.qwark.engine.source.Sketch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model of a hub, in this host's cache or to be fetched into it. For one thread; any number of
 * threads and processes may each have one of the same model.
 */
public final class HubModel implements RemoteFiles {
  /** What is put into the cache where only a look is wanted. */
  private static final long SMALL_BYTES = 64L << 20;

  private final ModelId id;
  private final HubSettings settings;
  private final FetchProgress progress;
  private final HubApi api;
  private final HubCache cache;
  private Listing listing;

  HubModel(ModelId id, HubSettings settings, FetchProgress progress) {
    this.id = id;
    this.settings = settings;
    this.progress = progress;
    boolean isHuggingFace = id.hub() == Hub.HUGGING_FACE;
    api =
        isHuggingFace
            ? new HuggingFaceApi(settings, progress)
            : new ModelScopeApi(settings, progress);
    cache =
        isHuggingFace
            ? new HuggingFaceCache(settings.cache())
            : new ModelScopeCache(settings.cache());
  }

  /**
   * A model as this process's environment says where it is and where it is kept.
   *
   * @throws UserException if the environment is wrong
   */
  public static HubModel of(ModelId id, FetchProgress progress) {
    Path home = Path.of(System.getProperty("user.home"));
    return new HubModel(id, HubSettings.of(id.hub(), System.getenv(), home), progress);
  }

  /** Whether only the cache may be used. */
  public boolean isOffline() {
    return settings.offline();
  }

  /** Whether the cache of this host holds some of it. */
  public boolean isCached() {
    try {
      return cache.cached(id) != null;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * The model with its revision pinned to what it means now, so that all hosts use the same files.
   *
   * @throws UserException if the model is not there or may not be read
   */
  public ModelId pin() {
    try {
      ModelId cached = cache.cached(id);
      return settings.offline() || (cached != null && isPinned())
          ? require(cached)
          : listing().id();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Whether the id means the same files for ever. */
  private boolean isPinned() {
    return id.hub() == Hub.HUGGING_FACE ? id.isCommit() : id.snapshot() != null;
  }

  /**
   * Brings the model into the cache, if it is not there; see {@link NeededFiles} for what is left
   * out.
   *
   * @return the folder, or the GGUF file
   * @throws UserException if it cannot be had
   */
  public Path fetch() {
    try {
      ModelId cached = cache.cached(id);
      if (cached != null && isPinned() && noted(cached) != null) {
        return noted(cached);
      }
      if (settings.offline()) {
        return here(require(cached));
      }
      return online(cached);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private Path online(ModelId cached) throws IOException {
    try {
      listing();
    } catch (UserException e) {
      if (cached == null || !(e.getCause() instanceof IOException)) {
        throw e;
      }
      progress.note(
          settings.endpoint() + " cannot be reached: " + cached + " is used as the cache has it");
      return here(cached);
    }
    try (HostLock lock = HostLock.take(cache.lock(id), id.repository(), progress)) {
      // Another process may have fetched it while this one waited.
      Path there = noted(listing.id());
      if (there == null) {
        NeededFiles needed = NeededFiles.choose(this, id.file());
        Downloads.fetch(listing, needed.files(), cache, api, settings, progress);
        FetchedNote.write(note(listing.id()), needed);
        there = cache.snapshot(listing.id()).resolve(needed.model());
      }
      cache.remember(id, listing);
      return there;
    }
  }

  /** What {@link #fetch} would bring, with the small files in the cache and the others not. */
  public Sketch sketch() {
    try {
      return Sketch.of(this, NeededFiles.choose(this, id.file()));
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** As the hub calls it, such as apache-2.0, or null. */
  public String license() {
    return settings.offline() ? null : listing().license();
  }

  private Listing listing() {
    if (listing == null) {
      listing = api.list(id);
      if (id.snapshot() != null && !id.snapshot().equals(listing.id().snapshot())) {
        UserException changed =
            new UserException(
                "Cannot fetch " + id.repository() + " from " + settings.endpoint(),
                "its revision " + id.revisionOrBranch() + " has changed since the job began",
                "Start the job again, or name a revision that does not move");
        listing = null;
        throw changed;
      }
    }
    return listing;
  }

  /** Where a model lies whose files were all fetched and checked; null if it is not known. */
  private Path noted(ModelId pinned) throws IOException {
    Path snapshot = cache.snapshot(pinned);
    NeededFiles needed = FetchedNote.read(note(pinned), snapshot);
    return needed == null ? null : snapshot.resolve(needed.model());
  }

  private Path note(ModelId pinned) {
    String which = pinned.snapshot() == null ? pinned.revision() : pinned.snapshot();
    String file = id.file() == null ? "" : "-" + id.file().replace("/", "--");
    return cache.notes(id).resolve("fetched-" + which + file + ".json");
  }

  /** What the cache has, taken as it is: nobody can be asked whether it is all. */
  private Path here(ModelId pinned) throws IOException {
    Path snapshot = cache.snapshot(pinned);
    LocalFiles files = LocalFiles.of(pinned + " in the cache " + settings.cache(), snapshot);
    return snapshot.resolve(NeededFiles.choose(files, id.file()).model());
  }

  private ModelId require(ModelId cached) {
    if (cached == null) {
      throw new UserException(
          "Cannot find " + id,
          "it is not in the cache " + settings.cache() + ", and HF_HUB_OFFLINE is set",
          "Unset HF_HUB_OFFLINE, or fetch the model first where there is a network");
    }
    return cached;
  }

  @Override
  public String name() {
    return id.toString();
  }

  @Override
  public List<RemoteFile> files() {
    try {
      return settings.offline()
          ? LocalFiles.of(name(), cache.snapshot(require(cache.cached(id)))).files()
          : listing().files().stream().map(HubFile::file).toList();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  @Override
  public InputStream open(RemoteFile file, long from) throws IOException {
    if (settings.offline()) {
      Path snapshot = cache.snapshot(require(cache.cached(id)));
      return new LocalFiles(name(), snapshot, List.of()).open(file, from);
    }
    HubFile listed = listing().find(file.path());
    Path snapshot = cache.snapshot(listing.id());
    if (cache.has(listing.id(), listed)) {
      return new LocalFiles(name(), snapshot, List.of()).open(file, from);
    }
    if (file.size() <= SMALL_BYTES && !file.name().matches(".*\\.(safetensors|gguf)")) {
      try (HostLock lock = HostLock.take(cache.lock(id), id.repository(), progress)) {
        Downloads.fetch(listing, List.of(file), cache, api, settings, FetchProgress.SILENT);
      }
      return new LocalFiles(name(), snapshot, List.of()).open(file, from);
    }
    HttpAnswer answer =
        new HttpTransport(settings, api.credentials())
            .get(api.content(listing.id(), listed), Map.of("Range", "bytes=" + from + "-"));
    if (!answer.isGood()) {
      answer.close();
      throw api.refused(listing.id(), answer);
    }
    if (answer.status() == 200) {
      answer.body().skipNBytes(from);
    }
    return answer.body();
  }

  private UserException broken(IOException e) {
    boolean isCache = e instanceof FileSystemException;
    return new UserException(
        "Cannot fetch " + id,
        isCache ? "the cache " + settings.cache() + " cannot be used: " + e : Retries.reason(e),
        isCache
            ? "Check its permissions, or name another folder with "
                + (id.hub() == Hub.HUGGING_FACE ? "HF_HOME" : "MODELSCOPE_CACHE")
            : "Check the network and the proxy (HTTPS_PROXY), and try again later",
        e);
  }
}
