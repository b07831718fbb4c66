package io.qwark.jobs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNamesTest {
  @ParameterizedTest
  @CsvSource({
    "Qwen/Qwen3-0.6B, hf://Qwen/Qwen3-0.6B",
    "Qwen/Qwen3-0.6B@main, hf://Qwen/Qwen3-0.6B@main",
    "Qwen/Qwen3-0.6B@refs/pr/1, hf://Qwen/Qwen3-0.6B@refs/pr/1",
    "unsloth/Qwen3-GGUF:Q4_K_M, hf://unsloth/Qwen3-GGUF:Q4_K_M",
    "unsloth/Qwen3-GGUF@v1:sub/a.gguf, hf://unsloth/Qwen3-GGUF@v1:sub/a.gguf",
    "hf://a/b, hf://a/b",
    "modelscope://Qwen/Qwen3-0.6B@master, modelscope://Qwen/Qwen3-0.6B@master",
    "hdfs://name/models/x, hdfs://name/models/x",
    "s3a://bucket/x, s3a://bucket/x",
    "/models/x, /models/x",
    "file:///models/x, /models/x",
  })
  void namesMeanTheSameEverywhere(String name, String whole) {
    assertEquals(whole, ModelNames.whole(name));
    assertEquals(whole, ModelNames.whole(whole));
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/main", "model", "./a/b", "../a", "a/b/c"})
  void whatIsThereOrIsNoIdIsAPath(String name) {
    assertEquals(Path.of(name).toAbsolutePath().normalize().toString(), ModelNames.whole(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hf://a", "hf://a/b/c", "hf://a/../b", "hf://a/b@", "hf://a/b@..", "hf://a b/c"})
  void idsThatAreNoneAreRefused(String name) {
    assertThrows(UserException.class, () -> ModelNames.whole(name));
  }

  @Test
  void onlyPathsAreLocal() {
    assertEquals(true, ModelNames.isLocal(ModelNames.whole("model")));
    assertEquals(false, ModelNames.isLocal(ModelNames.whole("a/b")));
  }
}
