package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GenerateFunctionTest {
  @Test
  void aTaskOnItsOwnKeepsTheReplicaFull() {
    assertEquals(64, GenerateFunction.share(64, 1));
    assertEquals(64, GenerateFunction.share(64, 2));
  }

  @Test
  void tasksShareTwiceWhatTheReplicaWorksOn() {
    assertEquals(16, GenerateFunction.share(64, 8));
    assertEquals(43, GenerateFunction.share(64, 3));
    assertEquals(1, GenerateFunction.share(64, 1000));
    for (int feeders = 1; feeders <= 64; feeders++) {
      assertTrue(feeders * GenerateFunction.share(64, feeders) >= 64);
    }
  }
}
