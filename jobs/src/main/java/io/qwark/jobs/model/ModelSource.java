package io.qwark.jobs.model;

import io.qwark.engine.hub.ModelId;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.Sketch;
import io.qwark.jobs.config.ModelNames;
import java.nio.file.Path;

/** A model that lies elsewhere than on this host's disks, or in a cache of this host. */
public interface ModelSource {
  /**
   * The source of a model.
   *
   * @param whole see {@link ModelNames#whole}
   * @return null for a path of the local file system
   * @throws io.qwark.engine.api.UserException if there can be no such model
   */
  static ModelSource of(String whole, FetchProgress progress) {
    if (ModelNames.isLocal(whole)) {
      return null;
    }
    return ModelId.hasScheme(whole)
        ? new HubSource(ModelId.parse(whole), progress)
        : HadoopSource.of(whole, HadoopSettings.ofThisProcess(), progress);
  }

  /**
   * The name that means today's files, for other hosts to fetch the same.
   *
   * @throws io.qwark.engine.api.UserException if there is no such model or it cannot be reached
   */
  String pin();

  /** Whether nobody but the caches of hosts may be asked, and this host's has nothing. */
  boolean isUnknownHere();

  /**
   * Brings the model to this host, where it is not there yet.
   *
   * @return the folder or file
   * @throws io.qwark.engine.api.UserException if it cannot be had
   */
  Path fetch();

  /** As much of the model as telling what it is needs; to be closed. */
  Sketch sketch();

  /** Its licence as the source calls it, or null. */
  String license();
}
