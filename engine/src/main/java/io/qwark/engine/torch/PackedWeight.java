package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.Tensor;
import java.util.List;

/**
 * A weight as the native kernels take it: matrices that stand below each other or take turns,
 * quantized and packed, see weight.h.
 *
 * @param turns whether two parts take turns of half a panel
 * @param bits 8 or 4
 */
record PackedWeight(List<Tensor> parts, boolean turns, int bits) {
  /** Rows of a panel. */
  private static final long PANEL = 64;

  /** Rows of a part come in multiples of this where parts take turns. */
  static final long TURN = PANEL / 2;

  /** Columns that share a step and a base in 4 bits; the smallest group of stock operators, too. */
  static final long GROUP = 32;

  /** Bytes of a group's codes, step and base. */
  static final long GROUP_BYTES = GROUP / 2 + 2;

  long rows() {
    return parts.stream().mapToLong(Tensor::rowCount).sum();
  }

  /** Bytes of the packed values. */
  long valueBytes() {
    long columns = parts.get(0).rowSize();
    long rowBytes = bits == 4 ? columns / GROUP * GROUP_BYTES : columns;
    return (rows() + PANEL - 1) / PANEL * PANEL * rowBytes;
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
      if (bits == 8 && part.int8Rows()) {
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
