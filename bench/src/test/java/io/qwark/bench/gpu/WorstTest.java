package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WorstTest {
  private final AgainstFloat32.Worst worst = new AgainstFloat32.Worst();

  @Test
  void theFurthestPositionIsNamedWithWhatWasExpectedAndWhatCame() {
    worst.look(0.1, 0, 1, new float[] {1, 2}, new float[] {1, 2});
    worst.look(0.5, 2, 3, new float[] {1, 2}, new float[] {4, 3});
    worst.look(0.2, 4, 5, new float[] {1, 2}, new float[] {1, 2});
    assertEquals(
        "prompt 2, token 3, with a KL of 5.0e-01: 1 was expected with 2.0000 (and 0 has 1.0000),"
            + " 0 came with 4.0000 (and 1 has 3.0000)",
        worst.toString());
  }

  @Test
  void theFirstThatIsNoNumberIsTheWorst() {
    worst.look(9, 0, 1, new float[] {1, 2}, new float[] {1, 2});
    worst.look(Double.NaN, 2, 3, new float[] {1, 2}, new float[] {Float.NaN, 3});
    worst.look(Double.NaN, 4, 5, new float[] {1, 2}, new float[] {Float.NaN, 3});
    worst.look(10, 6, 7, new float[] {1, 2}, new float[] {1, 2});
    assertTrue(worst.toString().startsWith("prompt 2, token 3, "), worst.toString());
  }
}
