package io.qwark.jobs.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassAtKTest {
  // Values printed by the numpy function in figure 3 of Chen et al. 2021 (arXiv 2107.03374).
  @ParameterizedTest
  @CsvSource({
    "200, 1, 1, 0.0050000000000000044",
    "200, 13, 10, 0.4975511147306061",
    "10, 3, 5, 0.9166666666666666",
    "64, 7, 16, 0.8814759290755898",
    "4, 1, 2, 0.5",
    "5, 5, 3, 1.0",
    "8, 0, 4, 0.0",
    "200, 2, 100, 0.7512562814070352",
    "1000, 3, 500, 0.8753753753753754",
  })
  void agreesWithThePublishedFunction(int n, int c, int k, double expected) {
    assertEquals(expected, PassAtK.estimate(n, c, k), 1e-13);
  }

  @Test
  void isTheShareOfSubsetsWithACorrectSample() {
    // 6 samples of which 2 are correct: of C(6,3) = 20 triples, C(4,3) = 4 hold none of them.
    assertEquals(16.0 / 20, PassAtK.estimate(6, 2, 3), 1e-15);
  }

  @Test
  void hasNoEstimateFromFewerSamplesThanK() {
    assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(4, 1, 5));
    assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(4, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(4, 5, 1));
  }
}
