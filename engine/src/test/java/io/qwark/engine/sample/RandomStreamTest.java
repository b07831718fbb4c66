package io.qwark.engine.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RandomStreamTest {
  private static final int[] PROMPT = {1, 2, 3};

  @Test
  void numbersDependOnSeedPromptIndexAndPlaceAlone() {
    double number = RandomStream.of(5, PROMPT, 2).uniform(7);
    assertEquals(number, RandomStream.of(5, PROMPT.clone(), 2).uniform(7));
    assertNotEquals(number, RandomStream.of(6, PROMPT, 2).uniform(7));
    assertNotEquals(number, RandomStream.of(5, new int[] {1, 2, 4}, 2).uniform(7));
    assertNotEquals(number, RandomStream.of(5, PROMPT, 3).uniform(7));
    assertNotEquals(number, RandomStream.of(5, PROMPT, 2).uniform(8));
  }

  @Test
  void numbersAreUniform() {
    RandomStream stream = RandomStream.of(1, PROMPT, 0);
    int n = 100_000;
    int[] tenths = new int[10];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double u = stream.uniform(i);
      assertTrue(u >= 0 && u < 1);
      tenths[(int) (10 * u)]++;
      sum += u;
    }
    // Five standard deviations: of a mean of n uniforms, and of a binomial count.
    assertEquals(0.5, sum / n, 5 * Math.sqrt(1.0 / 12 / n));
    for (int count : tenths) {
      assertEquals(n / 10.0, count, 5 * Math.sqrt(n * 0.1 * 0.9));
    }
  }
}
