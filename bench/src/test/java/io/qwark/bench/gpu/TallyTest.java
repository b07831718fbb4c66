package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TallyTest {
  private final AgainstTransformers.Tally tally = new AgainstTransformers.Tally();

  @Test
  void tokensAsCloseAsRoundingMayDiffer() {
    for (int i = 0; i < 9; i++) {
      tally.add(new float[] {1, 8}, 1);
    }
    tally.add(new float[] {7.9f, 8}, 0);
    assertEquals(Verdict.Outcome.PASSED, tally.verdict("m").outcome());
  }

  @Test
  void oneTokenThatIsFarOffFails() {
    for (int i = 0; i < 99; i++) {
      tally.add(new float[] {1, 8}, 1);
    }
    tally.add(new float[] {1, 8}, 0);
    assertEquals(Verdict.Outcome.FAILED, tally.verdict("m").outcome());
  }

  @Test
  void manyThatDifferFailHoweverClose() {
    tally.add(new float[] {8, 7.99f}, 1);
    assertEquals(Verdict.Outcome.FAILED, tally.verdict("m").outcome());
  }

  @Test
  void noNumbersFail() {
    tally.add(new float[] {Float.NaN, Float.NaN}, 0);
    assertEquals(Verdict.Outcome.FAILED, tally.verdict("m").outcome());
  }
}
