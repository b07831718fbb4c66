package io.qwark.engine.gguf;

import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.MappedFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The head of one file: magic number, version, counts, metadata, tensor infos. The tensors' bytes
 * follow it, each at a multiple of the alignment
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Immutable.
 */
record GgufFile(Path path, GgufMetadata metadata, List<TensorInfo> tensors) {
  /** {@code GGUF} as a little-endian number. */
  static final int MAGIC = 0x46554747;

  private static final int OLDEST = 2;
  private static final int NEWEST = 3;
  private static final int MAX_TENSORS = 1 << 18;
  private static final int MAX_NAME_BYTES = 64;
  private static final int MAX_DIMENSIONS = 4;
  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;

  /** Bytes that a key with its value, and a tensor's info, take at least. */
  private static final int PAIR = 8 + 4 + 1;

  private static final int INFO = 8 + 4 + 4 + 8;

  /**
   * Maps a file and reads its head.
   *
   * @throws UserException if it is none, is damaged, or of a version that is not known
   */
  static GgufFile open(Path path) {
    MappedFile file = MappedFile.open(path);
    GgufCursor cursor = new GgufCursor(file);
    if (cursor.int32() != MAGIC) {
      throw cursor.damaged("it does not begin with `GGUF`");
    }
    checkVersion(path, cursor.int32());
    int tensorCount = cursor.count("tensors", INFO, MAX_TENSORS);
    int pairCount = cursor.count("pairs of metadata", PAIR, GgufMetadata.MAX_PAIRS);
    GgufMetadata metadata = GgufMetadata.read(path, cursor, pairCount);
    int alignment = metadata.integer(ALIGNMENT, 1, 1 << 20, DEFAULT_ALIGNMENT);
    if (Integer.bitCount(alignment) != 1) {
      throw cursor.damaged("`" + ALIGNMENT + "` is " + alignment + ", no power of two");
    }
    List<TensorInfo> relative = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < tensorCount; i++) {
      TensorInfo info = info(file, cursor);
      if (!names.add(info.name())) {
        throw GgufErrors.tensor(path, info.name(), "is there twice");
      }
      relative.add(info);
    }
    long dataStart = (cursor.position() + alignment - 1L) / alignment * alignment;
    List<TensorInfo> tensors = new ArrayList<>();
    for (TensorInfo info : relative) {
      tensors.add(placed(info, dataStart, alignment));
    }
    checkOverlaps(tensors);
    return new GgufFile(path, metadata, List.copyOf(tensors));
  }

  private static void checkVersion(Path path, int version) {
    if (version >= OLDEST && version <= NEWEST) {
      return;
    }
    boolean bigEndian = Integer.reverseBytes(version) >= 1 && Integer.reverseBytes(version) < 99;
    throw GgufErrors.unsupported(
        path,
        bigEndian
            ? "it is a big-endian GGUF file"
            : "it is of GGUF version " + Integer.toUnsignedString(version),
        "Choose a little-endian file of version " + OLDEST + " or " + NEWEST);
  }

  private static TensorInfo info(MappedFile file, GgufCursor cursor) {
    String name = cursor.text("a tensor's name", MAX_NAME_BYTES);
    int dimensions = cursor.int32();
    if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
      throw GgufErrors.tensor(
          file.path(),
          name,
          "has " + Integer.toUnsignedString(dimensions) + " dimensions, more than 4");
    }
    long[] shape = new long[dimensions];
    for (int i = dimensions - 1; i >= 0; i--) {
      shape[i] = cursor.int64();
    }
    int id = cursor.int32();
    GgmlType type = GgmlType.of(id);
    if (type == null) {
      throw GgufErrors.tensor(
          file.path(),
          name,
          "is of the unknown type "
              + Integer.toUnsignedString(id)
              + "; readable are "
              + GgmlType.readableTypes());
    }
    return new TensorInfo(name, type, shape, file, cursor.int64());
  }

  /** The info with the offset that counts from the file's start, and everything checked. */
  private static TensorInfo placed(TensorInfo info, long dataStart, int alignment) {
    MappedFile file = info.file();
    long size = 1;
    for (long dimension : info.shape()) {
      if (dimension < 1 || dimension > Long.MAX_VALUE / info.type().bytes() / size) {
        throw GgufErrors.tensor(file.path(), info.name(), "has an absurd shape");
      }
      size *= dimension;
    }
    long row = info.shape().length == 0 ? 1 : info.shape()[info.shape().length - 1];
    if (row % info.type().block() != 0) {
      throw GgufErrors.tensor(
          file.path(),
          info.name(),
          "has rows of " + row + ", no whole number of blocks of " + info.type());
    }
    long space = file.size() - dataStart;
    if (info.offset() < 0 || info.offset() % alignment != 0) {
      throw GgufErrors.tensor(
          file.path(),
          info.name(),
          "begins at " + Long.toUnsignedString(info.offset()) + ", no multiple of " + alignment);
    }
    if (info.bytes() > space - info.offset()) {
      throw GgufErrors.tensor(
          file.path(),
          info.name(),
          "takes "
              + info.bytes()
              + " bytes from "
              + info.offset()
              + " on and lies outside the file, which has "
              + Math.max(0, space)
              + " bytes of data; it may be cut short");
    }
    return new TensorInfo(info.name(), info.type(), info.shape(), file, dataStart + info.offset());
  }

  private static void checkOverlaps(List<TensorInfo> tensors) {
    List<TensorInfo> sorted = new ArrayList<>(tensors);
    sorted.sort(Comparator.comparingLong(TensorInfo::offset));
    for (int i = 1; i < sorted.size(); i++) {
      TensorInfo before = sorted.get(i - 1);
      if (before.offset() + before.bytes() > sorted.get(i).offset()) {
        throw GgufErrors.tensor(
            before.file().path(),
            before.name(),
            "overlaps tensor " + GgufErrors.shown(sorted.get(i).name()));
      }
    }
  }
}
