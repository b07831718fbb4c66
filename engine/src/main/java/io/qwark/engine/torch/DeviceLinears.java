package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.torch.Checkpoint.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

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
      Function<Tensor, List<Slice>> slices = slices(scope);
      List<PtNDArray> tensors = new ArrayList<>();
      List<Long> types = new ArrayList<>();
      for (Tensor part : parts) {
        for (Slice slice : slices.apply(part)) {
          tensors.add(slice.bytes());
          types.add(slice.dtype());
        }
      }
      scope.callForLong(method, tensors, types.stream().mapToLong(Long::longValue).toArray());
    }
  }

  /** On the CPU a weight may be the very memory that was read. */
  private Function<Tensor, List<Slice>> slices(TorchModule.Scope scope) {
    return switch (backend.quantization()) {
      case BFLOAT16 ->
          backend.onCpu()
              ? part -> Checkpoint.slices(scope, part, Checkpoint.BFLOAT16)
              : part -> Checkpoint.passingSlices(scope, part, Checkpoint.BFLOAT16);
      default -> part -> Checkpoint.passingSlices(scope, part, Checkpoint.FLOAT32);
    };
  }
}
