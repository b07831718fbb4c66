package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With shell scripts in the place of engines: they note down each job's kind and limit. */
class RowRunnerTest {
  @TempDir Path folder;

  private Side side(String name, double seconds, String stopped) {
    String script =
        "echo ready load_ms=1; echo %1$s starts >>log; while read -r kind limit rest;"
            + " do echo %1$s $kind $limit >>log;"
            + " echo result seconds=%2$s first=7 stopped=%3$s; done; echo %1$s ends >>log";
    return script(name, script.formatted(name, seconds, stopped));
  }

  private Side script(String name, String script) {
    return new Side(
        name, (job, caching) -> List.of("sh", "-c", "cd '" + folder + "' && " + script));
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(folder.resolve("log"));
  }

  @Test
  void sidesTakeTurns() throws IOException {
    List<Side> sides = List.of(side("qwark", 0.5, "false"), side("q4_0", 2, "false"));
    RowResult result = new RowRunner(sides, 2, 1, Duration.ZERO).run(Row.PREFILL_512);
    List<String> jobs = log().stream().filter(l -> l.contains("prefill")).toList();
    List<String> turn = List.of("qwark prefill 0.0", "q4_0 prefill 0.0");
    assertEquals(turn, jobs.subList(0, 2));
    assertEquals(turn, jobs.subList(2, 4));
    assertEquals(turn, jobs.subList(4, 6));
    assertEquals(6, jobs.size());
    // The first of three turns does not count; 512 tokens in half a second.
    assertEquals(List.of(1024.0, 1024.0), result.rates().get("qwark").measured());
    assertEquals(4, result.ratio().orElseThrow());
  }

  /** Our side is warmed up first; the second format has 5 % more time than the first one took. */
  @Test
  void inALongRowOneSideIsThereAtATime() throws IOException {
    List<Side> sides =
        List.of(side("qwark", 3, "false"), side("q4_0", 8, "false"), side("q8_0", 8.4, "true"));
    RowResult result = new RowRunner(sides, 2, 1, Duration.ZERO).run(Row.MIXED);
    assertEquals(
        List.of(
            "qwark starts",
            "qwark mixed 0.0",
            "qwark mixed 0.0",
            "qwark ends",
            "q4_0 starts",
            "q4_0 mixed 0.0",
            "q4_0 ends",
            "q8_0 starts",
            "q8_0 mixed 8.4",
            "q8_0 ends"),
        log());
    assertTrue(result.stopped("q8_0"));
    assertEquals(8.0 / 3, result.ratio().orElseThrow(), 1e-9);
  }

  @Test
  void whatASideCannotDoIsToldWithItsName() {
    Side broken = script("q4_0", "echo ready load_ms=1; read -r line; echo error no memory");
    RowRunner runner =
        new RowRunner(List.of(side("qwark", 1, "false"), broken), 1, 1, Duration.ZERO);
    Exception e = assertThrows(IllegalStateException.class, () -> runner.run(Row.PREFILL_512));
    assertEquals("q4_0 failed: error no memory", e.getMessage());
  }

  @Test
  void aSideThatEndsIsToldAsWell() {
    Side broken = script("q4_0", "exit 1");
    Exception e =
        assertThrows(
            IllegalStateException.class,
            () -> broken.start(Row.MIXED.job(), Side.PrefixCaching.OFF));
    assertEquals("q4_0 failed: it ended without an answer", e.getMessage());
  }
}
