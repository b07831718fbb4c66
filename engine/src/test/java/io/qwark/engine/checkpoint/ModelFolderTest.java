package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    write("config.json", ModelConfigTest.CONFIG);
    write("tokenizer.json", "{}");
    write("tokenizer_config.json", "{\"chat_template\": \"from config\"}");
    new SafeTensorsWriter().f32("a", new long[] {1}, 1).write(folder.resolve("model.safetensors"));
  }

  @Test
  void opensAWholeFolder() throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    assertEquals(64, model.config().hiddenSize());
    assertEquals(1, model.tensors().entries().size());
    assertEquals(Files.readString(folder.resolve("tokenizer.json")), model.tokenizerJson());
  }

  @Test
  void namesEverythingThatIsMissing() throws IOException {
    Files.delete(folder.resolve("config.json"));
    Files.delete(folder.resolve("tokenizer_config.json"));
    Files.delete(folder.resolve("model.safetensors"));
    UserException e = assertThrows(UserException.class, () -> ModelFolder.open(folder));
    assertTrue(
        e.getMessage()
            .contains(
                "lacks config.json, tokenizer_config.json, model.safetensors (or"
                    + " model.safetensors.index.json and its shards)"),
        e.getMessage());
  }

  @Test
  void saysWhenThereIsNoSuchFolder() {
    UserException e =
        assertThrows(UserException.class, () -> ModelFolder.open(folder.resolve("none")));
    assertEquals("it does not exist", e.reason());
    e = assertThrows(UserException.class, () -> ModelFolder.open(folder.resolve("config.json")));
    assertEquals("it is not a folder", e.reason());
  }

  @Test
  void withoutGenerationConfigSamplingIsPlain() throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    assertEquals(GenerationDefaults.none(List.of(3)), model.generationDefaults());
    write("generation_config.json", "{\"top_k\": 5}");
    assertEquals(5, model.generationDefaults().topK());
  }

  @Test
  void theTemplateFileGoesBeforeTheTokenizerConfig() throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    assertEquals("from config", model.chatTemplate());
    write("chat_template.jinja", "from file\n");
    assertEquals("from file\n", model.chatTemplate());
  }

  @Test
  void ofSeveralTemplatesTheDefaultOneCounts() throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    write(
        "tokenizer_config.json",
        """
        {"chat_template": [{"name": "tool_use", "template": "t"},
                           {"name": "default", "template": "d"}]}
        """);
    assertEquals("d", model.chatTemplate());
    write("tokenizer_config.json", "{}");
    assertNull(model.chatTemplate());
  }

  @Test
  void everyFileThatMattersChangesTheDigest() throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    Set<String> digests = new HashSet<>(Set.of(model.digest()));
    for (String name :
        List.of(
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "generation_config.json",
            "chat_template.jinja",
            "model.safetensors")) {
      write(name, "changed");
      assertTrue(digests.add(model.digest()), name);
    }
    assertEquals(64, digests.iterator().next().length());
  }

  @Test
  void otherFilesDoNotChangeTheDigest() throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    String before = model.digest();
    write("README.md", "x");
    assertEquals(before, model.digest());
  }

  /** Expected: {@code printf '\0\0\0\1a\0\0\0\0\0\0\0\2…' | sha256sum} over both files. */
  @Test
  void theDigestIsTheDocumentedOne() throws IOException {
    write("b", "");
    write("a", "hi");
    assertEquals(
        "de4cdf658a07690b552cf0fff91a563f81bc01257419225881d642f6a9b5e1d4",
        FolderDigest.of(List.of(folder.resolve("b"), folder.resolve("a"))));
    assertNotEquals(
        FolderDigest.of(List.of(folder.resolve("a"))),
        FolderDigest.of(List.of(folder.resolve("b"))));
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }
}
