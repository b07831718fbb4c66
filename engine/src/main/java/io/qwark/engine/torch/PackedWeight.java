package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.TensorEntry;
import java.util.List;

/**
 * A weight as the native kernels take it: matrices that stand below each other, quantized and
 * packed, see linear.h.
 */
record PackedWeight(List<TensorEntry> parts) {
  /** Rows of a panel. */
  private static final long PANEL = 64;

  long rows() {
    return parts.stream().mapToLong(TensorEntry::rowCount).sum();
  }

  /** Bytes of the packed values. */
  long valueBytes() {
    return (rows() + PANEL - 1) / PANEL * PANEL * parts.get(0).shape()[1];
  }

  /** Bytes of the scales, one float32 for each row. */
  long scaleBytes() {
    return Float.BYTES * rows();
  }

  /**
   * Fills both tensors from the checkpoint.
   *
   * @param values (valueBytes)
   * @param scales (1, scaleBytes)
   */
  void pack(TorchModule module, PtNDArray values, PtNDArray scales) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("huge_pages", values);
      long at = 0;
      for (TensorEntry part : parts) {
        for (PtNDArray slice : Checkpoint.slices(scope, part)) {
          at = scope.callForLong("pack", slice, Checkpoint.torchType(part), values, scales, at);
        }
      }
    }
  }
}
