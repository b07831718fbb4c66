package io.qwark.jobs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.Models;
import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.Sketch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopSourceTest {
  private static final Path MODEL =
      Path.of(System.getProperty("qwark.root")).resolve("datasets/quickstart/model");
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path folder;

  @BeforeEach
  void copy() throws IOException {
    BreakingFileSystem.OPENED.clear();
    BreakingFileSystem.breakAfter = 0;
    Path model = Files.createDirectories(folder.resolve("model"));
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    Files.write(model.resolve("pytorch_model.bin"), new byte[100]);
  }

  private HadoopSource source(String path) {
    Configuration hadoop = new Configuration(false);
    hadoop.set("fs.breaking.impl", BreakingFileSystem.class.getName());
    String whole = "breaking://" + path;
    return new HadoopSource(
        whole, HadoopFiles.list(whole, hadoop), folder.resolve("cache"), FetchProgress.SILENT);
  }

  private HadoopSource source() {
    return source(folder.resolve("model").toString());
  }

  private static void assertSame(Path fetched) throws IOException {
    assertArrayEquals(
        Files.readAllBytes(MODEL.resolve(WEIGHTS)), Files.readAllBytes(fetched.resolve(WEIGHTS)));
    assertEquals(Models.open(MODEL).digest(), Models.open(fetched).digest());
  }

  @Test
  void aFolderIsCopiedOnce() throws IOException {
    Path fetched = source().fetch();
    assertSame(fetched);
    assertTrue(Files.notExists(fetched.resolve("pytorch_model.bin")));
    BreakingFileSystem.OPENED.clear();
    assertEquals(fetched, source().fetch());
    assertEquals(List.of(), BreakingFileSystem.OPENED);
  }

  @Test
  void readsThatBreakAreGoneOnWith() throws IOException {
    BreakingFileSystem.breakAfter = 300_000;
    assertSame(source().fetch());
    long opened = BreakingFileSystem.OPENED.stream().filter(WEIGHTS::equals).count();
    assertTrue(opened > 2, () -> "opened " + opened + " times");
  }

  @Test
  void aModelThatChangedIsCopiedAnew() throws IOException {
    Path first = source().fetch();
    Path weights = folder.resolve("model").resolve(WEIGHTS);
    Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000_000_000L));
    Path second = source().fetch();
    assertNotEquals(first, second);
    assertSame(second);
  }

  @Test
  void aCopyThatLostSomethingIsMadeWhole() throws IOException {
    Path fetched = source().fetch();
    Files.write(fetched.resolve(WEIGHTS), new byte[7]);
    Files.delete(fetched.resolve("config.json"));
    assertSame(source().fetch());
  }

  @Test
  void severalExecutorsOfAHostCopyOnce() throws IOException {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(CompletableFuture.supplyAsync(() -> source().fetch(), t -> new Thread(t).start()));
    }
    for (CompletableFuture<Path> one : all) {
      assertSame(one.join());
    }
    assertEquals(1, BreakingFileSystem.OPENED.stream().filter(WEIGHTS::equals).count());
  }

  @Test
  void aSketchTellsWhatAModelIsWithoutItsWeights() throws IOException {
    try (Sketch sketch = source().sketch()) {
      var looked = Models.open(sketch.model());
      var whole = Models.open(MODEL);
      assertEquals(whole.config(), looked.config());
      assertEquals(whole.tensors().entries().size(), looked.tensors().entries().size());
      assertEquals(Files.size(MODEL.resolve(WEIGHTS)), Files.size(sketch.model().resolve(WEIGHTS)));
    }
  }

  @Test
  void mistakesAreExplained() {
    UserException absent = assertThrows(UserException.class, () -> source("/no/such/folder"));
    assertTrue(absent.reason().contains("no such folder"), absent.reason());
    String config = folder.resolve("model/config.json").toString();
    UserException file = assertThrows(UserException.class, () -> source(config));
    assertTrue(file.reason().contains("no .gguf file"), file.reason());
    UserException scheme =
        assertThrows(
            UserException.class,
            () -> HadoopFiles.list("s4://bucket/model", new Configuration(false)));
    assertTrue(scheme.remedy().contains("--packages"), scheme.remedy());
  }
}
