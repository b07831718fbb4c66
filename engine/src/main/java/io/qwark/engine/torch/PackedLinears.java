package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.TensorEntry;
import java.util.Arrays;

/** Weights quantized and packed for the native kernels, see linear.h. */
final class PackedLinears implements Linears {
  /** Rows of a panel. */
  private static final long PANEL = 64;

  private final TorchModule module;

  PackedLinears(TorchModule module) {
    this.module = module;
  }

  @Override
  public void add(TensorEntry... parts) {
    long rows = Arrays.stream(parts).mapToLong(TensorEntry::rowCount).sum();
    long columns = parts[0].shape()[1];
    PtNDArray packed = module.emptyBytes(packedBytes(rows, columns));
    PtNDArray scale = module.emptyBytes(1, Float.BYTES * rows);
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("huge_pages", packed);
    }
    pack(packed, scale, parts);
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("add_packed", packed, scale);
    }
  }

  private static long packedBytes(long rows, long columns) {
    return (rows + PANEL - 1) / PANEL * PANEL * columns;
  }

  private void pack(PtNDArray packed, PtNDArray scale, TensorEntry... parts) {
    try (TorchModule.Scope scope = module.scope()) {
      long at = 0;
      for (TensorEntry part : parts) {
        for (PtNDArray slice : Checkpoint.slices(scope, part)) {
          at = scope.callForLong("pack", slice, Checkpoint.torchType(part), packed, scale, at);
        }
      }
    }
  }
}
