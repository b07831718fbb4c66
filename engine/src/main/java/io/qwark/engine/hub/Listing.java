package io.qwark.engine.hub;

import java.util.List;

/**
 * What a hub has of a model at a revision.
 *
 * @param id with the revision pinned: a commit, or a digest of the files
 * @param files those with safe names
 * @param license as the hub calls it, such as apache-2.0, or null
 */
record Listing(ModelId id, List<HubFile> files, String license) {
  Listing {
    files = List.copyOf(files);
  }

  HubFile find(String path) {
    return files.stream().filter(f -> f.path().equals(path)).findFirst().orElse(null);
  }
}
