package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.Cuda;
import org.junit.jupiter.api.Test;

class TorchRuntimeTest {
  @Test
  void aGpuThatIsNotThereIsRefusedWithWhatTheDriverSays() {
    Cards cards = Cuda.look();
    assumeTrue(cards.all().isEmpty(), "there is a GPU");
    UserException e = assertThrows(UserException.class, () -> TorchRuntime.require("cuda:0"));
    assertEquals("Cannot place a replica on cuda:0", e.problem());
    assertEquals(cards.reason(), e.reason());
  }

  @Test
  void aDeviceOfAnotherKindIsRefused() {
    for (String device : new String[] {"gpu", "cuda", "cuda:x", "mps:0"}) {
      UserException e = assertThrows(UserException.class, () -> TorchRuntime.require(device));
      assertTrue(e.reason().contains("cpu or cuda:N"), e.reason());
    }
  }
}
