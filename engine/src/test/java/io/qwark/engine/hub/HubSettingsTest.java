package io.qwark.engine.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The meanings of variables are those of
 * https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables and of the
 * modelscope-hub package (0.5.1).
 */
class HubSettingsTest {
  @TempDir Path home;

  private HubSettings huggingFace(Map<String, String> environment) {
    return HubSettings.of(Hub.HUGGING_FACE, environment, home);
  }

  @Test
  void withoutVariablesThePublicHubAndTheUsersCacheServe() {
    HubSettings settings = huggingFace(Map.of());
    assertEquals("https://huggingface.co", settings.endpoint());
    assertEquals(home.resolve(".cache/huggingface/hub"), settings.cache());
    assertNull(settings.token());
    assertFalse(settings.offline());
    HubSettings other = HubSettings.of(Hub.MODELSCOPE, Map.of(), home);
    assertEquals("https://modelscope.cn", other.endpoint());
    assertEquals(home.resolve(".cache/modelscope"), other.cache());
  }

  @Test
  void variablesMeanWhatTheyMeanToTheHubsOwnTools() {
    assertEquals(
        Path.of("/c/huggingface/hub"), huggingFace(Map.of("XDG_CACHE_HOME", "/c")).cache());
    assertEquals(Path.of("/h/hub"), huggingFace(Map.of("HF_HOME", "/h")).cache());
    assertEquals(Path.of("/x"), huggingFace(Map.of("HF_HOME", "/h", "HF_HUB_CACHE", "/x")).cache());
    assertEquals(
        home.resolve("y"), huggingFace(Map.of("HF_HOME", "~/y", "HF_HUB_CACHE", "~/y")).cache());
    assertEquals("http://m:1", huggingFace(Map.of("HF_ENDPOINT", "http://m:1/")).endpoint());
    assertTrue(huggingFace(Map.of("HF_HUB_OFFLINE", "1")).offline());
    assertTrue(huggingFace(Map.of("HF_HUB_OFFLINE", "true")).offline());
    assertFalse(huggingFace(Map.of("HF_HUB_OFFLINE", "0")).offline());
    assertEquals(
        Path.of("/m"),
        HubSettings.of(Hub.MODELSCOPE, Map.of("MODELSCOPE_CACHE", "/m"), home).cache());
  }

  @Test
  void tokensComeFromTheEnvironmentOrTheTokenFileAndAreNeverShown() throws IOException {
    Files.createDirectories(home.resolve(".cache/huggingface"));
    Files.writeString(home.resolve(".cache/huggingface/token"), "hf_file\n");
    assertEquals("hf_file", huggingFace(Map.of()).token());
    HubSettings settings = huggingFace(Map.of("HF_TOKEN", "hf_env"));
    assertEquals("hf_env", settings.token());
    assertFalse(settings.toString().contains("hf_env"));
    assertNull(huggingFace(Map.of("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).token());
    UserException e =
        assertThrows(UserException.class, () -> huggingFace(Map.of("HF_TOKEN", "a\r\nHost: b")));
    assertFalse(e.getMessage().contains("Host: b"), e.getMessage());
  }

  @Test
  void anEndpointThatIsNoneIsRefused() {
    assertThrows(UserException.class, () -> huggingFace(Map.of("HF_ENDPOINT", "huggingface.co")));
    assertThrows(UserException.class, () -> huggingFace(Map.of("HF_ENDPOINT", "file:///etc")));
  }
}
