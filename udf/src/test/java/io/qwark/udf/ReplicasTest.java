package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Placement;
import io.qwark.udf.testing.ScriptedFactory;
import io.qwark.udf.testing.ScriptedModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReplicasTest {
  private static final Seat CPU = Seat.unlocked(Placement.cpu());

  private final Replicas replicas = new Replicas();

  @Test
  void equalFactoriesShareAReplicaOfADevice() {
    Replica first = replicas.replica(ScriptedFactory.named("equal"), CPU, "stage 1");
    Replica other =
        replicas.replica(
            ScriptedFactory.named("equal"), Seat.unlocked(new Placement("cuda:1", 1)), "stage 1");

    assertSame(first, replicas.replica(ScriptedFactory.named("equal"), CPU, "stage 2"));
    assertNotSame(first, other);
    assertEquals("cuda:1", other.await(() -> false).model().info().device());
  }

  @Test
  void aFailureToLoadStandsForItsStageAlone() {
    ScriptedFactory broken = new ScriptedFactory("fails twice", 8, 0, "bug");
    Replica first = replicas.replica(broken, CPU, "stage 1");
    assertThrows(IllegalStateException.class, () -> first.await(() -> false));

    assertSame(first, replicas.replica(broken, CPU, "stage 1"));
    assertNotSame(first, replicas.replica(broken, CPU, "stage 2"));
  }

  @Test
  void aReplicaThatIsStillLoadingIsClosedOnceItIsLoaded() throws Exception {
    Replica slow = replicas.replica(new ScriptedFactory("slow", 8, 200, null), CPU, "stage 1");
    replicas.closeAll();
    slow.await(() -> false);

    ScriptedModel.Counts counts = ScriptedModel.counts("slow");
    for (int i = 0; i < 200 && counts.closes.get() == 0; i++) {
      Thread.sleep(10);
    }
    assertEquals(1, counts.closes.get());
  }

  /** A process that ends with a replica loaded. */
  public static final class EndingProcess {
    public static void main(String[] none) {
      Replicas.ofThisProcess()
          .replica(
              ScriptedFactory.named("last"), Seat.unlocked(new Placement("cuda:7", 1)), "stage 1")
          .await(() -> false);
    }
  }

  @Test
  void replicasAreClosedWhenTheProcessEnds() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EndingProcess.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
    assertTrue(output.contains("last closed on cuda:7"), output);
  }
}
