package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsTest {
  @TempDir Path folder;

  private PartResult shell(String script, double limit) {
    return new Parts(folder, Map.of("NAME", "value"))
        .engine("a part", limit, List.of("sh", "-c", script));
  }

  @Test
  void aPartThatEndsWellIsDone() {
    assertTrue(shell("test \"$NAME\" = value", 60).isDone());
  }

  @Test
  void aPartThatFailsTellsItsLastWords() {
    PartResult result = shell("echo out of luck; exit 3", 60);
    assertEquals(PartResult.Status.FAILED, result.status());
    assertEquals("it ended with 3: out of luck", result.reason());
  }

  @Test
  void aPartThatTakesTooLongIsStopped() {
    PartResult result = shell("echo begun; sleep 60", 0.5);
    assertEquals(PartResult.Status.FAILED, result.status());
    assertTrue(result.reason().startsWith("it was stopped after"), result.reason());
    assertTrue(result.seconds() < 50);
  }

  @Test
  void aProgramThatIsNotThereIsAFailure() {
    PartResult result =
        new Parts(folder, Map.of()).other("missing", 1, List.of("/no/such/program"));
    assertEquals(PartResult.Status.FAILED, result.status());
  }
}
