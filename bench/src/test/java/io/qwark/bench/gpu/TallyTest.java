package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TallyTest {
  private final AgainstTransformers.Tally tally = new AgainstTransformers.Tally();

  @Test
  void tokensAsCloseAsRoundingMayDiffer() {
    for (int i = 0; i < 9; i++) {
      tally.add(new float[] {1, 8}, 1, "prompt 0, token 1");
    }
    tally.add(new float[] {7.9f, 8}, 0, "prompt 0, token 1");
    assertEquals(Verdict.Outcome.PASSED, tally.verdict("m").outcome());
  }

  @Test
  void oneTokenThatIsFarOffFails() {
    for (int i = 0; i < 99; i++) {
      tally.add(new float[] {1, 8}, 1, "prompt 0, token 1");
    }
    tally.add(new float[] {1, 8}, 0, "prompt 3, token 5");
    Verdict verdict = tally.verdict("m");
    assertEquals(Verdict.Outcome.FAILED, verdict.outcome());
    assertTrue(
        verdict
            .note()
            .endsWith(
                "99.0 % and 87.5 % came; worst at prompt 3, token 5: 0 was expected, which has 1.0000 here, and 1 has 8.0000"),
        verdict.note());
  }

  @Test
  void manyThatDifferFailHoweverClose() {
    tally.add(new float[] {8, 7.99f}, 1, "prompt 0, token 1");
    assertEquals(Verdict.Outcome.FAILED, tally.verdict("m").outcome());
  }

  @Test
  void noNumbersFail() {
    tally.add(new float[] {Float.NaN, Float.NaN}, 0, "prompt 0, token 1");
    assertEquals(Verdict.Outcome.FAILED, tally.verdict("m").outcome());
  }
}
