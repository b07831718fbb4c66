package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.engine.api.Completion;
import java.util.List;

/** Compares completions bit by bit in everything but the time that they took. */
final class Completions {
  private Completions() {}

  static void assertSame(List<Completion> expected, List<Completion> actual, String how) {
    assertEquals(expected.size(), actual.size(), how);
    for (int i = 0; i < expected.size(); i++) {
      assertSame(expected.get(i), actual.get(i), "request " + i + ", " + how);
    }
  }

  static void assertSame(Completion expected, Completion actual, String what) {
    assertArrayEquals(expected.tokenIds(), actual.tokenIds(), what);
    assertArrayEquals(expected.logprobs(), actual.logprobs(), what);
    assertEquals(expected.topLogprobs(), actual.topLogprobs(), what);
    assertArrayEquals(expected.promptLogprobs(), actual.promptLogprobs(), what);
    assertEquals(expected.finishReason(), actual.finishReason(), what);
    assertEquals(expected.stoppedByToken(), actual.stoppedByToken(), what);
    assertEquals(expected.text(), actual.text(), what);
  }
}
