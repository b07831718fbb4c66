package io.qwark.engine.hub;

import java.io.IOException;
import java.nio.file.Path;

/** Where models of a hub are kept on this host, as the hub's own tools keep them. */
interface HubCache {
  /** The folder that a listing's files appear in. */
  Path snapshot(ModelId pinned);

  /** Whether a file is there, and whole. */
  boolean has(ModelId pinned, HubFile file) throws IOException;

  /** Where a file is put together; on the same disk. */
  Path unfinished(ModelId pinned, HubFile file) throws IOException;

  /** Puts a whole file in its place. */
  void put(ModelId pinned, HubFile file, Path whole) throws IOException;

  /** Notes what a revision means now, once its files are there. */
  void remember(ModelId asked, Listing listing) throws IOException;

  /**
   * The id pinned to what the cache has of it, whole or not; null if it has nothing.
   *
   * @throws IOException if the cache cannot be read
   */
  ModelId cached(ModelId id) throws IOException;

  /** A folder for what this project notes about the model. */
  Path notes(ModelId id);

  /** The file that processes lock. */
  Path lock(ModelId id);
}
