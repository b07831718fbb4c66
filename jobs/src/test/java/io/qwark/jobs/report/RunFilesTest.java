package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFilesTest {
  @TempDir Path folder;

  private RunFiles files(Path path) {
    return new RunFiles(new org.apache.hadoop.fs.Path(path.toUri()), new Configuration());
  }

  @Test
  void writesIntoAFolderThatItMakesAndLeavesNothingElse() throws IOException {
    Path run = folder.resolve("runs/one");
    files(run).writeText("report.html", "ä");
    files(run).writeText("report.html", "new");
    files(run).writeJson("run.json", JsonNodeFactory.instance.objectNode().put("b", 1).put("a", 2));
    assertEquals("new", Files.readString(run.resolve("report.html")));
    assertEquals("{\n  \"b\" : 1,\n  \"a\" : 2\n}\n", Files.readString(run.resolve("run.json")));
    try (Stream<Path> names = Files.list(run)) {
      assertEquals(
          List.of("report.html", "run.json"),
          names.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void saysWhatCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    UserException e =
        assertThrows(UserException.class, () -> files(file).writeText("report.html", "x"));
    assertTrue(e.problem().startsWith("Cannot write file:"), e.getMessage());
    assertEquals("in the way", Files.readString(file));
  }

  @Test
  void refusesAnUnknownFileSystem() {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path("nosuch://host/runs");
    assertThrows(UserException.class, () -> new RunFiles(path, new Configuration()));
  }
}
