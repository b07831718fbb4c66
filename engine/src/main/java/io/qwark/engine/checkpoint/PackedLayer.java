package io.qwark.engine.checkpoint;

import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** A cursor over the tensors of one quantized layer, which checks them as they are taken. */
final class PackedLayer {
  static final String WEIGHT = "weight";

  /** Types that scales and biases come in. */
  static final Set<DType> FLOATS = Set.of(DType.F32, DType.F16, DType.BF16);

  /** Far above any model; keeps products of sizes within their types. */
  static final long MAX_WIDTH = 1L << 24;

  private final SafeTensors tensors;
  private final String module;
  private final Set<String> taken = new HashSet<>();

  /**
   * @param module such as {@code model.layers.0.self_attn.q_proj}
   */
  PackedLayer(SafeTensors tensors, String module) {
    this.tensors = tensors;
    this.module = module;
  }

  String module() {
    return module;
  }

  /** Full names of the tensors that were taken. */
  Set<String> taken() {
    return taken;
  }

  boolean has(String part) {
    return tensors.find(name(part)) != null;
  }

  TensorEntry take(String part, DType... types) {
    return take(part, Set.of(types));
  }

  TensorEntry take(String part, Set<DType> types) {
    TensorEntry entry = tensors.find(name(part));
    if (entry == null) {
      throw wrong("its tensor " + Errors.shown(name(part)) + " is missing");
    }
    if (!types.contains(entry.dtype())) {
      throw wrong(
          entry, "it is of type " + entry.dtype() + " and not " + types.stream().sorted().toList());
    }
    taken.add(name(part));
    return entry;
  }

  /** Takes a tensor that has no part in the weight, if it is there. */
  void pass(String part) {
    if (has(part)) {
      taken.add(name(part));
    }
  }

  void requireShape(TensorEntry entry, long... shape) {
    if (!Arrays.equals(entry.shape(), shape)) {
      throw wrong(
          entry,
          "its shape is "
              + Arrays.toString(entry.shape())
              + " and the layer's other tensors and config.json ask for "
              + Arrays.toString(shape));
    }
  }

  /** Requires a matrix that is not empty. */
  void requireMatrix(TensorEntry entry) {
    long[] shape = entry.shape();
    if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
      throw wrong(entry, "its shape " + Arrays.toString(shape) + " is not that of a matrix");
    }
    if (shape[1] > MAX_WIDTH || shape[0] > Integer.MAX_VALUE) {
      throw wrong(entry, "its shape " + Arrays.toString(shape) + " is absurdly large");
    }
  }

  /** Requires a tensor that can be gone through in columns, since it is mapped in one piece. */
  void requireOnePiece(TensorEntry entry) {
    if (entry.maxRows() < entry.rowCount()) {
      throw wrong(entry, "it is larger than 1 GiB");
    }
  }

  /** The weight that tensors make which were taken. */
  PackedMatrix matrix(long rows, long width, String format) {
    if (width > MAX_WIDTH || rows > Integer.MAX_VALUE) {
      throw wrong("its shape [" + rows + ", " + width + "] is absurdly large");
    }
    String name = name(WEIGHT);
    if (tensors.find(name) != null && !taken.contains(name)) {
      throw wrong("it is there twice: packed, and as " + Errors.shown(name));
    }
    return new PackedMatrix(name, rows, (int) width, format);
  }

  /** Groups of a fixed size; a size of -1 is the whole row. */
  Groups groups(long width, int size) {
    if (size == -1) {
      return Groups.one((int) width);
    }
    if (width % size != 0) {
      throw wrong("its " + width + " inputs do not divide into groups of " + size);
    }
    return Groups.consecutive((int) width, size);
  }

  /** Groups as a {@code g_idx} gives them, the group of each input. */
  Groups groups(Groups groups, TensorEntry index, int width) {
    requireShape(index, width);
    int[] group = new int[width];
    index.rows(0, width).asIntBuffer().get(group);
    for (int i = 0; i < width; i++) {
      if (group[i] < 0 || group[i] >= groups.count()) {
        throw wrong(index, "it gives input " + i + " group " + group[i] + " of " + groups.count());
      }
    }
    return groups.reordered(group);
  }

  UserException wrong(String reason) {
    return Errors.layer(tensors.path(), module, reason);
  }

  UserException wrong(TensorEntry entry, String reason) {
    return Errors.tensor(entry.file().path(), entry.name(), reason);
  }

  private String name(String part) {
    return module.isEmpty() ? part : module + "." + part;
  }
}
