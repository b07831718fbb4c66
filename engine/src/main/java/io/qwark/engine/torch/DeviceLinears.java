package io.qwark.engine.torch;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.torch.Checkpoint.Slice;
import java.util.List;
import java.util.stream.Stream;

/**
 * Weights that a program of layers_any.torchscript brings to its device, one by one, in the form it
 * uses.
 */
final class DeviceLinears implements Linears {
  private final TorchModule module;
  private final Backend backend;

  DeviceLinears(TorchModule module, Backend backend) {
    this.module = module;
    this.backend = backend;
  }

  @Override
  public void add(Tensor... parts) {
    hand("add_linear", parts);
  }

  @Override
  public void addGated(Tensor gate, Tensor up) {
    add(gate, up);
  }

  @Override
  public void addHead(Tensor head) {
    hand("add_head", head);
  }

  @Override
  public void tieHead(Tensor embed) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("tie_head");
    }
  }

  private void hand(String method, Tensor... parts) {
    try (TorchModule.Scope scope = module.scope()) {
      Checkpoint.hand(
          scope, method, Stream.of(parts).flatMap(part -> slices(scope, part).stream()).toList());
    }
  }

  /** On the CPU a weight may be the very memory that was read. */
  private List<Slice> slices(TorchModule.Scope scope, Tensor part) {
    if (backend.quantization() != Quantization.BFLOAT16) {
      return Checkpoint.passingSlices(scope, part, Checkpoint.FLOAT32);
    }
    return backend.onCpu()
        ? Checkpoint.slices(scope, part, Checkpoint.BFLOAT16)
        : Checkpoint.passingSlices(scope, part, Checkpoint.BFLOAT16);
  }
}
