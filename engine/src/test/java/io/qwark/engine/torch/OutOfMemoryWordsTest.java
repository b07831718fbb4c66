package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.model.DeviceMemoryException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutOfMemoryWordsTest {
  private static final String SOURCE =
      """
      class Greedy(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def take(self: __torch__.Greedy, bytes: int) -> Tensor:
          return torch.empty([bytes], dtype=0)
      """;

  /** Of this libtorch, through TorchScript and JNI. */
  @Test
  void moreThanTheMachineHasIsToldFromAMistake() {
    try (TorchModule module = TorchModule.load("Greedy", SOURCE, Map.of("training", false), 1);
        TorchModule.Scope scope = module.scope()) {
      DeviceMemoryException e =
          assertThrows(DeviceMemoryException.class, () -> scope.call("take", 1L << 46));
      assertTrue(e.getMessage().contains("in `take`"), e.getMessage());
      assertThrows(TorchException.class, () -> scope.call("take", -1L));
    }
  }

  /** The beginnings are those in libc10_cuda.so of PyTorch 2.15 and in users' reports. */
  @Test
  void knowsTheWordsOfCuda() {
    assertTrue(
        OutOfMemory.is(
            "The following operation failed in the TorchScript interpreter.\nRuntimeError: CUDA out"
                + " of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB"));
    assertTrue(OutOfMemory.is("CUDA error: out of memory"));
    assertTrue(
        OutOfMemory.is(
            "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"));
    assertFalse(OutOfMemory.is("CUDA error: an illegal memory access was encountered"));
    assertFalse(OutOfMemory.is(null));
  }
}
