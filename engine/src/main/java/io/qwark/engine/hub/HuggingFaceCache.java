package io.qwark.engine.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The layout of huggingface_hub, see
 * https://huggingface.co/docs/huggingface_hub/guides/manage-cache: contents under their checksums,
 * snapshots of links to them, and references from revisions to commits.
 */
record HuggingFaceCache(Path cache) implements HubCache {

  private Path folder(ModelId id) {
    return cache.resolve("models--" + id.owner() + "--" + id.name());
  }

  @Override
  public Path snapshot(ModelId pinned) {
    return folder(pinned).resolve("snapshots").resolve(pinned.revision());
  }

  private Path blob(ModelId id, HubFile file) {
    return folder(id).resolve("blobs").resolve(file.checksum().hex());
  }

  @Override
  public boolean has(ModelId pinned, HubFile file) throws IOException {
    Path link = snapshot(pinned).resolve(file.path());
    if (isWhole(link, file)) {
      return true;
    }
    Path blob = blob(pinned, file);
    if (!isWhole(blob, file)) {
      return false;
    }
    link(link, blob);
    return true;
  }

  private static boolean isWhole(Path path, HubFile file) throws IOException {
    return Files.isRegularFile(path) && Files.size(path) == file.size();
  }

  @Override
  public Path unfinished(ModelId pinned, HubFile file) throws IOException {
    Path blob = blob(pinned, file);
    Files.createDirectories(blob.getParent());
    return blob.resolveSibling(blob.getFileName() + ".qwark.incomplete");
  }

  @Override
  public void put(ModelId pinned, HubFile file, Path whole) throws IOException {
    Path blob = blob(pinned, file);
    Files.move(whole, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    link(snapshot(pinned).resolve(file.path()), blob);
  }

  /** Relative, so that the cache can be moved. */
  private static void link(Path link, Path blob) throws IOException {
    Files.createDirectories(link.getParent());
    Path unfinished = link.resolveSibling("." + link.getFileName() + ".qwark");
    Files.deleteIfExists(unfinished);
    Files.createSymbolicLink(unfinished, link.getParent().relativize(blob));
    Files.move(
        unfinished, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void remember(ModelId asked, Listing listing) throws IOException {
    if (asked.isCommit()) {
      return;
    }
    Path reference = reference(asked);
    Files.createDirectories(reference.getParent());
    Path unfinished = reference.resolveSibling(reference.getFileName() + ".qwark");
    Files.writeString(unfinished, listing.id().revision());
    Files.move(
        unfinished, reference, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path reference(ModelId id) {
    return folder(id).resolve("refs").resolve(id.revisionOrBranch());
  }

  @Override
  public ModelId cached(ModelId id) throws IOException {
    String commit = id.revision();
    if (!id.isCommit()) {
      Path reference = reference(id);
      if (!Files.isRegularFile(reference) || Files.size(reference) > 100) {
        return null;
      }
      commit = Files.readString(reference, StandardCharsets.UTF_8).strip();
    }
    if (!ModelId.isCommit(commit)) {
      return null;
    }
    ModelId pinned = id.at(commit);
    return Files.isDirectory(snapshot(pinned)) ? pinned : null;
  }

  @Override
  public Path notes(ModelId id) {
    return folder(id).resolve(".qwark");
  }

  @Override
  public Path lock(ModelId id) {
    return cache.resolve(".locks").resolve(folder(id).getFileName()).resolve("qwark.lock");
  }
}
