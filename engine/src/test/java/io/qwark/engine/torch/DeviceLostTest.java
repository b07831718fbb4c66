package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.model.DeviceLostException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceLostTest {
  /** As TorchScript puts it; CUDA's words are those in libcudart of 13.0. */
  private static final String SOURCE =
      """
      class Broken(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def fail(self: __torch__.Broken) -> int:
          ops.prim.RaiseException("CUDA error: device-side assert triggered")
          return 0
      """;

  @Test
  void whatEndsAllUseOfACardIsToldFromOtherErrors() {
    assertTrue(
        DeviceLost.is(
            "RuntimeError: CUDA error: an illegal memory access was encountered\nSearch for it"));
    assertTrue(DeviceLost.is("CUDA error: uncorrectable ECC error encountered"));
    assertFalse(DeviceLost.is("CUDA error: out of memory"));
    assertFalse(DeviceLost.is("CUDA error: invalid argument"));
    assertFalse(DeviceLost.is("index -1 is out of bounds"));
    assertFalse(DeviceLost.is(null));
  }

  @Test
  void aProgramThatFailsSoTellsIt() {
    try (TorchModule module = TorchModule.load("Broken", SOURCE, Map.of("training", false), 1);
        TorchModule.Scope scope = module.scope()) {
      DeviceLostException e =
          assertThrows(DeviceLostException.class, () -> scope.callForLong("fail"));
      assertTrue(e.getMessage().contains("device-side assert"), e.getMessage());
    }
  }
}
