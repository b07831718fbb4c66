package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCardsTest {
  @TempDir Path folder;

  private String program(String body) throws IOException {
    Path file = Files.writeString(folder.resolve("nvidia-smi"), "#!/bin/sh\n" + body);
    assertEquals(true, file.toFile().setExecutable(true));
    return file.toString();
  }

  @Test
  void cardsAreListedInTheOrderOfNvidiaSmi() throws IOException {
    String smi =
        program(
            """
            [ "$*" = "--query-gpu=index,uuid --format=csv,noheader" ] || exit 9
            echo "4, GPU-1f-2"
            echo "5, GPU-3f-4"
            """);
    assertEquals(
        List.of(new HostCards.Card("4", "GPU-1f-2"), new HostCards.Card("5", "GPU-3f-4")),
        HostCards.look(smi).cards());
  }

  @Test
  void thereAreNoneWhereNvidiaSmiIsMissingOrFails() throws IOException {
    assertEquals(List.of(), HostCards.look(folder.resolve("absent").toString()).cards());
    assertEquals(
        List.of(), HostCards.look(program("echo '0, GPU-1'; exit 9")).cards(), "driver is gone");
  }

  @Test
  void linesThatAreNoCardsAreLeftOut() {
    assertEquals(
        List.of(new HostCards.Card("1", "GPU-b")),
        HostCards.parse("Unable to determine the device handle\n1, GPU-b\n2, [N/A]\n").cards());
  }
}
