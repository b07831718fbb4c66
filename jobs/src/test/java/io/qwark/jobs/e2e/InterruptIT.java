package io.qwark.jobs.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C while samples are under way. */
@Timeout(300)
class InterruptIT {
  /** Started from a script in the background, this process ignores SIGINT, and so would its own. */
  private static final List<String> ENV = List.of("env", "--default-signal=INT");

  @TempDir private static Path folder;
  private static Checkout checkout;

  @BeforeAll
  static void layOut() throws Exception {
    checkout = Checkout.layOut(folder);
  }

  @Test
  void endsWithOneLineAndStatus130AndLeavesNothingBehind() throws Exception {
    assumeTrue(canRestoreSignals(), "no env that restores signals");
    // Enough for minutes.
    Checkout.Running running =
        checkout.start(
            ENV,
            List.of(
                "evaluate",
                "--config",
                checkout.conf("quickstart.yaml"),
                "--samples",
                "200",
                "--run-id",
                "broken-off"));
    Path tasks = checkout.runs().resolve("broken-off/.incomplete");
    await(running, () -> Files.exists(tasks) && running.errors().contains("loading model"));
    List<ProcessHandle> children = running.process().descendants().toList();

    signal("INT", running.process().pid());
    Checkout.Finished finished = running.finish();
    assertEquals(130, finished.status(), finished.err());
    assertEquals("", finished.out());
    List<String> lines =
        finished.err().lines().filter(line -> !line.isBlank()).map(String::strip).toList();
    assertEquals(
        "Interrupted: stopping Spark; finished parts of this run are not kept.",
        lines.get(lines.size() - 1),
        finished.err());
    assertFalse(finished.err().contains("Error"), finished.err());
    assertFalse(finished.err().contains("Exception"), finished.err());
    assertFalse(Files.exists(checkout.runs().resolve("broken-off")));
    // One that has ended stays listed until the system has taken note of its parent's end.
    for (ProcessHandle child : children) {
      child.onExit().get(10, TimeUnit.SECONDS);
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Checkout.Running running, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.holds()) {
      assertTrue(running.process().isAlive() && System.nanoTime() < end, running.errors());
      Thread.sleep(100);
    }
  }

  private static boolean canRestoreSignals() throws Exception {
    try {
      return new ProcessBuilder(ENV.get(0), ENV.get(1), "true").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void signal(String name, long pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor());
  }
}
