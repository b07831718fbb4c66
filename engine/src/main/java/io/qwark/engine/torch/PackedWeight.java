package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.Tensor;
import java.util.List;

/**
 * A weight as the native kernels take it: matrices that stand below each other or take turns,
 * quantized and packed, see linear.h.
 *
 * @param turns whether two parts take turns of half a panel
 */
record PackedWeight(List<Tensor> parts, boolean turns) {
  /** Rows of a panel. */
  private static final long PANEL = 64;

  /** Rows of a part come in multiples of this where parts take turns. */
  static final long TURN = PANEL / 2;

  long rows() {
    return parts.stream().mapToLong(Tensor::rowCount).sum();
  }

  /** Bytes of the packed values. */
  long valueBytes() {
    return (rows() + PANEL - 1) / PANEL * PANEL * parts.get(0).rowSize();
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
    }
    long offset = 0;
    for (Tensor part : parts) {
      long at = offset;
      if (part.int8Rows()) {
        Checkpoint.forEachInt8(
            module,
            part,
            (row, codes, rowScales) ->
                call(
                    module, "pack_int8", codes, rowScales, values, scales, row, at, turns ? 1 : 0));
      } else {
        Checkpoint.forEachSlice(
            module,
            part,
            (row, slice) ->
                call(
                    module,
                    "pack",
                    slice.bytes(),
                    slice.dtype(),
                    values,
                    scales,
                    row,
                    at,
                    turns ? 1 : 0));
      }
      offset += turns ? TURN : part.rowCount();
    }
  }

  private static void call(TorchModule module, String method, Object... arguments) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong(method, arguments);
    }
  }
}
