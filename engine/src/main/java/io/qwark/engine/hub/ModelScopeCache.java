package io.qwark.engine.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The layout of the modelscope-hub package (0.5): plain files in a folder for each revision. Since
 * branches move, a note beside them tells which content each file was seen to have; a file without
 * one is read through once.
 */
record ModelScopeCache(Path cache) implements HubCache {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SNAPSHOT = "snapshot";
  private static final String FILES = "files";

  private Path folder(ModelId id) {
    return cache.resolve("models").resolve(id.owner() + "--" + id.name());
  }

  private static String revision(ModelId id) {
    return id.revisionOrBranch().replace("/", "--");
  }

  @Override
  public Path snapshot(ModelId pinned) {
    return folder(pinned).resolve("snapshots").resolve(revision(pinned));
  }

  @Override
  public boolean has(ModelId pinned, HubFile file) throws IOException {
    Path path = snapshot(pinned).resolve(file.path());
    if (!Files.isRegularFile(path) || Files.size(path) != file.size()) {
      return false;
    }
    if (fact(path, file).equals(note(pinned).path(FILES).path(file.path()).asText())) {
      return true;
    }
    if (!file.checksum().isOf(path)) {
      return false;
    }
    write(pinned, file, path);
    return true;
  }

  /** The checksum that a file of this size and time was seen to have. */
  private static String fact(Path path, HubFile file) throws IOException {
    return file.checksum().hex()
        + " "
        + file.size()
        + " "
        + Files.getLastModifiedTime(path).toMillis();
  }

  private Path noteFile(ModelId id) {
    return notes(id).resolve(revision(id) + ".json");
  }

  private ObjectNode note(ModelId id) throws IOException {
    Path file = noteFile(id);
    if (Files.isRegularFile(file)) {
      try {
        JsonNode root = MAPPER.readTree(Files.readAllBytes(file));
        if (root instanceof ObjectNode note && note.path(FILES).isObject()) {
          return note;
        }
      } catch (JacksonException e) {
        // A note that cannot be read is as good as none: files are read through again.
        return MAPPER.createObjectNode();
      }
    }
    return MAPPER.createObjectNode();
  }

  private synchronized void write(ModelId pinned, HubFile file, Path path) throws IOException {
    ObjectNode note = note(pinned);
    note.withObjectProperty(FILES).put(file.path(), fact(path, file));
    write(pinned, note);
  }

  private void write(ModelId id, ObjectNode note) throws IOException {
    Path file = noteFile(id);
    Files.createDirectories(file.getParent());
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.write(unfinished, MAPPER.writeValueAsBytes(note));
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public Path unfinished(ModelId pinned, HubFile file) throws IOException {
    Path folder = notes(pinned);
    Files.createDirectories(folder);
    return folder.resolve(file.checksum().hex() + ".incomplete");
  }

  /** A file that a replica maps keeps its old content for it. */
  @Override
  public void put(ModelId pinned, HubFile file, Path whole) throws IOException {
    Path path = snapshot(pinned).resolve(file.path());
    Files.createDirectories(path.getParent());
    Files.move(whole, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    write(pinned, file, path);
  }

  @Override
  public void remember(ModelId asked, Listing listing) throws IOException {
    ObjectNode note = note(listing.id());
    note.put(SNAPSHOT, listing.id().snapshot());
    write(listing.id(), note);
  }

  @Override
  public ModelId cached(ModelId id) throws IOException {
    if (!Files.isDirectory(snapshot(id))) {
      return null;
    }
    JsonNode snapshot = note(id).path(SNAPSHOT);
    if (id.snapshot() != null) {
      return id.snapshot().equals(snapshot.asText()) ? id : null;
    }
    return snapshot.isTextual() ? id.pinned(snapshot.textValue()) : id;
  }

  @Override
  public Path notes(ModelId id) {
    return folder(id).resolve(".qwark");
  }

  @Override
  public Path lock(ModelId id) {
    return notes(id).resolve("lock");
  }
}
