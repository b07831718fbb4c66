package io.qwark.engine.torch;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.torch.Checkpoint.Slice;
import java.util.List;
import java.util.stream.Stream;

/** Weights that the program itself brings into the form it uses. */
final class StockLinears implements Linears {
  private final TorchModule module;
  private final Quantization quantization;
  private final double levels;

  /**
   * @param levels largest quantized weight
   */
  StockLinears(TorchModule module, Quantization quantization, int levels) {
    this.module = module;
    this.quantization = quantization;
    this.levels = levels;
  }

  @Override
  public void addGated(Tensor gate, Tensor up) {
    add(gate, up);
  }

  /** The program knows which is the last. */
  @Override
  public void addHead(Tensor head) {
    add(head);
  }

  @Override
  public void add(Tensor... parts) {
    try (TorchModule.Scope scope = module.scope()) {
      Checkpoint.hand(
          scope,
          "add_linear",
          Stream.of(parts).flatMap(part -> slices(scope, part).stream()).toList(),
          levels);
    }
  }

  /** A float32 weight is the very memory that was read; the others are made from it. */
  private List<Slice> slices(TorchModule.Scope scope, Tensor part) {
    return quantization == Quantization.FLOAT32
        ? Checkpoint.slices(scope, part, Checkpoint.FLOAT32)
        : Checkpoint.passingSlices(scope, part, Checkpoint.FLOAT32);
  }
}
