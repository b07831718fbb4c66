package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the engine expects of the library between Java and libtorch, DJL's own or another. */
class BindingTest {
  private static final String PROBE =
      """
      class Probe(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        total : int
        def add(self: __torch__.Probe, n: int) -> int:
          self.total = torch.add(self.total, n)
          return self.total
        def scaled(self: __torch__.Probe, x: Tensor, by: float) -> Tensor:
          return torch.mul(x, by)
        def join(self: __torch__.Probe, parts: List[Tensor], order: List[int]) -> List[Tensor]:
          picked = annotate(List[Tensor], [])
          for i in range(torch.len(order)):
            _0 = torch.append(picked, parts[order[i]])
          return [torch.cat(picked, 0), torch.t(torch.stack(picked, 0))]
        def fill(self: __torch__.Probe, x: Tensor, y: float) -> int:
          _0 = torch.fill_(x, y)
          return 0
        def wrong(self: __torch__.Probe, x: Tensor) -> Tensor:
          return torch.view(x, [7, 7])
      """;

  private static TorchModule module;

  @BeforeAll
  static void load() {
    module = TorchModule.load("Probe", PROBE, Map.of("training", false, "total", 0L), 1);
  }

  @AfterAll
  static void close() {
    module.close();
  }

  @Test
  void numbersGoInAndOut() {
    try (TorchModule.Scope scope = module.scope()) {
      long before = scope.callForLong("add", 0);
      assertEquals(before + (1L << 40), scope.callForLong("add", 1L << 40));
      float[] x = scope.call("scaled", scope.floats(1, -2, 0.5f), 0.25).toFloatArray();
      assertArrayEquals(new float[] {0.25f, -0.5f, 0.125f}, x);
    }
  }

  @Test
  void listsGoInAndOut() {
    try (TorchModule.Scope scope = module.scope()) {
      List<PtNDArray> parts = List.of(scope.longs(1, 2), scope.longs(3, 4), scope.longs(5, 6));
      PtNDArray[] joined = scope.callForList("join", parts, new long[] {2, 0});
      assertArrayEquals(new long[] {5, 6, 1, 2}, joined[0].toLongArray());
      // A view that is not contiguous is read in its own order.
      assertArrayEquals(new long[] {2, 2}, joined[1].getShape().getShape());
      assertArrayEquals(new long[] {5, 1, 6, 2}, joined[1].toLongArray());
    }
  }

  @Test
  void emptyTensorsGoInAndOut() {
    try (TorchModule.Scope scope = module.scope()) {
      assertArrayEquals(new float[0], scope.call("scaled", scope.floats(), 2.0).toFloatArray());
      assertArrayEquals(new long[] {0, 3}, scope.emptyBytes(0, 3).getShape().getShape());
    }
  }

  @Test
  void aBufferIsSharedWithTheTensorOverIt() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray bytes = scope.passingBytes(buffer, 2, 4);
      scope.callForLong("fill", bytes, 3.0);
      assertEquals(0x0303030303030303L, buffer.getLong(0));
    }
  }

  @Test
  void aFailingProgramSaysWhere() {
    try (TorchModule.Scope scope = module.scope()) {
      TorchException failure =
          assertThrows(TorchException.class, () -> scope.call("wrong", scope.floats(1, 2, 3)));
      String message = failure.getMessage();
      assertTrue(message.contains("`wrong`"), message);
      assertTrue(message.contains("Traceback of TorchScript"), message);
      assertTrue(message.contains("torch.view(x, [7, 7])"), message);
      assertTrue(message.contains("shape '[7, 7]' is invalid for input of size 3"), message);
      assertEquals(EngineException.class, failure.getCause().getClass());
    }
  }

  @Test
  void wrongArgumentsAreAnException() {
    try (TorchModule.Scope scope = module.scope()) {
      assertThrows(TorchException.class, () -> scope.call("scaled", scope.floats(1)));
      assertThrows(TorchException.class, () -> scope.call("scaled", 1L, 2.0));
      assertThrows(TorchException.class, () -> scope.call("absent"));
    }
  }

  @Test
  void aProgramThatIsNoneIsAnException() {
    assertThrows(
        TorchException.class, () -> TorchModule.load("Probe", "class Probe(", Map.of(), 1));
  }

  /** A leak of the arguments or results of a call would take a gigabyte or more. */
  @Test
  void callsLeaveNoMemoryBehind() throws IOException {
    long bytes = 1 << 17;
    long[] all = {0, 1};
    long before = 0;
    for (int i = 0; i < 6_000; i++) {
      if (i == 1_000) {
        before = residentBytes();
      }
      try (TorchModule.Scope scope = module.scope()) {
        List<PtNDArray> parts = List.of(scope.emptyBytes(bytes), scope.emptyBytes(bytes));
        scope.callForList("join", parts, all);
        scope.call("scaled", parts.get(0), 2.0);
      }
    }
    long grown = residentBytes() - before;
    assertTrue(grown < 300L << 20, "resident memory grew by " + grown + " bytes");
  }

  private static long residentBytes() throws IOException {
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return Long.parseLong(pages[1]) * 4096;
  }
}
