package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StepLimitTest {
  private final StepLimit limit = new StepLimit(64, 2048, 512);

  private void goOn(int steps) {
    for (int i = 0; i < steps; i++) {
      limit.goesOn(limit.sequences());
    }
  }

  @Test
  void isWhatWasConfiguredUntilMemoryRunsOut() {
    goOn(10_000);
    assertEquals(64, limit.sequences());
    assertEquals(2048, limit.tokens());
  }

  @Test
  void halvesWhatRanDownToOneAndTokensInProportion() {
    limit.ranOut(60);
    assertEquals(30, limit.sequences());
    assertEquals(2048 * 30 / 64, limit.tokens());
    limit.ranOut(3);
    assertEquals(1, limit.sequences());
    // A piece of a prompt has to fit in.
    assertEquals(1 + 512, limit.tokens());
    limit.ranOut(1);
    assertEquals(1, limit.sequences());
  }

  @Test
  void goesUpByAQuarterAfterAWhileAtTheLimit() {
    limit.ranOut(64);
    for (int i = 0; i < 10_000; i++) {
      // Steps below the limit tell nothing about it.
      limit.goesOn(31);
    }
    assertEquals(32, limit.sequences());
    goOn(255);
    assertEquals(32, limit.sequences());
    goOn(1);
    assertEquals(40, limit.sequences());
    goOn(4 * 256);
    assertEquals(64, limit.sequences());
    assertEquals(2048, limit.tokens());
  }

  @Test
  void waitsTwiceAsLongEachTimeThatMoreWasTooMuch() {
    limit.ranOut(20);
    goOn(256);
    assertEquals(12, limit.sequences());
    limit.ranOut(12);
    goOn(511);
    assertEquals(6, limit.sequences());
    goOn(1);
    assertEquals(7, limit.sequences());
  }

  @Test
  void leavesRoomForAPieceOfAPromptInStepsOfAnySize() {
    for (int sequences = 1; sequences < 100; sequences++) {
      for (int spare : new int[] {0, 1, 15, 16, 600}) {
        int tokens = sequences + spare;
        int chunk = new Chunking(spare).largest();
        StepLimit some = new StepLimit(sequences, tokens, chunk);
        some.ranOut(sequences);
        assertTrue(some.tokens() <= tokens, "more than was configured");
        assertTrue(some.tokens() >= Math.min(tokens, some.sequences() + chunk), "too few");
      }
    }
  }
}
