package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import org.junit.jupiter.api.Test;

class CachePlanTest {
  private static final long GB = 1_000_000_000L;

  /** Keys and values of Qwen3-4B in float32: 2 * 36 layers * 8 heads * 128 * 4 bytes. */
  private static final long BYTES_PER_TOKEN = 294_912;

  @Test
  void takesWhatItMayHave() {
    // 12e9 / 294912, by hand
    assertEquals(
        40_690,
        CachePlan.cacheTokens(options(null, null), 262_144, BYTES_PER_TOKEN, memory(12 * GB)));
  }

  @Test
  void takesNoMoreThanAllSamplesCouldUse() {
    assertEquals(
        64 * 100, CachePlan.cacheTokens(options(100, null), 100, BYTES_PER_TOKEN, memory(12 * GB)));
  }

  @Test
  void takesWhatTheUserSays() {
    assertEquals(
        5000, CachePlan.cacheTokens(options(null, 5000L), 262_144, BYTES_PER_TOKEN, memory(GB)));
  }

  @Test
  void refusesAContextThatTheMemoryCannotHold() {
    UserException e =
        assertThrows(
            UserException.class,
            () ->
                CachePlan.cacheTokens(
                    options(100_000, null), 100_000, BYTES_PER_TOKEN, memory(12 * GB)));
    assertTrue(e.getMessage().contains("40690 tokens"), e.getMessage());
    assertTrue(e.getMessage().endsWith("or buy more."), e.getMessage());
  }

  @Test
  void refusesAContextBeyondTheModels() {
    ModelConfig config = Goldens.config("random-tied");
    assertEquals(2048, CachePlan.contextLength(options(null, null), config));
    assertThrows(UserException.class, () -> CachePlan.contextLength(options(2049, null), config));
  }

  private static MemoryPlan memory(long cacheBytes) {
    return new MemoryPlan(2 * cacheBytes, cacheBytes, "buy more");
  }

  private static EngineOptions options(Integer maxModelLen, Long kvCacheTokens) {
    return EngineOptions.builder("folder", Quantization.INT8)
        .maxModelLen(maxModelLen)
        .kvCacheTokens(kvCacheTokens)
        .build();
  }
}
