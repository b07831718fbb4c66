package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelFolder;
import io.qwark.engine.gguf.GgufModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void aFolderWithOneFile() throws IOException {
    file =
        Files.copy(Path.of("src/test/resources/goldens/gguf/types.gguf"), folder.resolve("m.gguf"));
  }

  @Test
  void aGgufFileIsOpenedByItsNameOrByItsFirstBytes() throws IOException {
    assertEquals(file, Models.open(file).path());
    Path blob = Files.move(file, folder.resolve("sha256-0123"));
    assertInstanceOf(GgufModel.class, Models.open(blob));
  }

  @Test
  void aFolderWithOneGgufFileIsThatModel() throws IOException {
    Files.writeString(folder.resolve("README.md"), "");
    assertEquals(file, Models.open(folder).path());
  }

  @Test
  void aFolderWithAConfigIsHuggingFaces() throws IOException {
    for (String name : new String[] {"config.json", "tokenizer.json", "tokenizer_config.json"}) {
      Files.writeString(folder.resolve(name), "{}");
    }
    Files.createFile(folder.resolve("model.safetensors"));
    assertInstanceOf(ModelFolder.class, Models.open(folder));
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    Files.delete(file);
    assertFails(folder, "it lacks config.json");
    assertFails(folder.resolve("none.gguf"), "it does not exist");
    assertFails(Files.writeString(folder.resolve("notes.txt"), "GGU"), "it is not a folder");
    assertFails(
        Files.writeString(folder.resolve("x.gguf"), "<html>"), "does not begin with `GGUF`");
  }

  private static void assertFails(Path path, String part) {
    UserException e = assertThrows(UserException.class, () -> Models.open(path));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
