package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.TensorEntry;
import java.util.ArrayList;
import java.util.List;

/** Weights that the program itself brings into the form it uses. */
final class StockLinears implements Linears {
  private final TorchModule module;
  private final double levels;

  /**
   * @param levels largest quantized weight
   */
  StockLinears(TorchModule module, int levels) {
    this.module = module;
    this.levels = levels;
  }

  @Override
  public void add(TensorEntry... parts) {
    try (TorchModule.Scope scope = module.scope()) {
      List<PtNDArray> tensors = new ArrayList<>();
      List<Long> types = new ArrayList<>();
      for (TensorEntry part : parts) {
        for (PtNDArray slice : Checkpoint.slices(scope, part)) {
          tensors.add(slice);
          types.add(Checkpoint.torchType(part));
        }
      }
      scope.callForLong(
          "add_linear", tensors, types.stream().mapToLong(Long::longValue).toArray(), levels);
    }
  }
}
