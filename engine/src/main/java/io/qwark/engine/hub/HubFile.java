package io.qwark.engine.hub;

import io.qwark.engine.source.RemoteFile;

/**
 * A file as a hub lists it.
 *
 * @param checksum of its content
 */
record HubFile(RemoteFile file, Checksum checksum) {
  String path() {
    return file.path();
  }

  long size() {
    return file.size();
  }
}
