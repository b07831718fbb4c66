package io.qwark.engine.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplingOptionsTest {
  @Test
  void whatIsBuiltHasEachValueInItsPlace() {
    assertEquals(
        new SamplingOptions(
            0.1, 0.2, 3, 0.4, 0.5, 0.6, 0.7, 8L, 9, List.of("10"), List.of(11), true, 13, false),
        SamplingOptions.builder()
            .promptLogprobs(false)
            .logprobs(13)
            .ignoreEos(true)
            .stopTokenIds(List.of(11))
            .stop(List.of("10"))
            .maxTokens(9)
            .seed(8L)
            .repetitionPenalty(0.7)
            .frequencyPenalty(0.6)
            .presencePenalty(0.5)
            .minP(0.4)
            .topK(3)
            .topP(0.2)
            .temperature(0.1)
            .build());
  }

  @Test
  void nothingIsSetByItself() {
    assertEquals(
        new SamplingOptions(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null),
        SamplingOptions.unset());
  }
}
