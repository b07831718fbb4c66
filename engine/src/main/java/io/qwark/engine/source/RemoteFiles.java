package io.qwark.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** A model that lies elsewhere, file by file. */
public interface RemoteFiles {
  /** What messages call the model. */
  String name();

  /** All its files with safe names. */
  List<RemoteFile> files();

  /**
   * The content of a file from a position on, which the caller closes.
   *
   * @throws io.qwark.engine.api.UserException if it cannot be had
   */
  InputStream open(RemoteFile file, long from) throws IOException;

  /** The file of this path, or null. */
  default RemoteFile find(String path) {
    return files().stream().filter(f -> f.path().equals(path)).findFirst().orElse(null);
  }
}
