package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.TensorEntry;
import java.util.ArrayList;
import java.util.List;

/** A checkpoint's tensors as programs take them: bytes, seen through the mapped file. */
final class Checkpoint {
  private Checkpoint() {}

  static PtNDArray vector(TorchModule.Scope scope, TensorEntry entry) {
    long bytes = entry.rowCount() * entry.rowBytes();
    return scope.bytes(entry.rows(0, entry.rowCount()), 1, bytes);
  }

  /** A matrix in as few tensors as Java's buffers allow. */
  static List<PtNDArray> slices(TorchModule.Scope scope, TensorEntry entry) {
    List<PtNDArray> slices = new ArrayList<>();
    for (long row = 0; row < entry.rowCount(); row += entry.maxRows()) {
      long rows = Math.min(entry.maxRows(), entry.rowCount() - row);
      slices.add(scope.bytes(entry.rows(row, rows), rows, entry.rowBytes()));
    }
    return slices;
  }

  /** Number of its type in libtorch. */
  static long torchType(TensorEntry entry) {
    return switch (entry.dtype()) {
      case F16 -> 5;
      case F32 -> 6;
      case BF16 -> 15;
      default -> throw new IllegalStateException("a weight of type " + entry.dtype());
    };
  }
}
