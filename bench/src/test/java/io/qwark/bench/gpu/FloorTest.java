package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.bench.Shape;
import org.junit.jupiter.api.Test;

/** Numbers worked out by hand for the tiny shape: 4 layers, hidden 128, intermediate 384. */
class FloorTest {
  /** 4 x (q and o of 128 x 128, k and v of 64 x 128, and three of 384 x 128). */
  private static final double LINEAR = 4 * (2 * 16_384 + 2 * 8_192 + 3 * 49_152.0);

  private static final double TABLE = 1024 * 128;

  @Test
  void oneSampleReadsAllWeightsForEachToken() {
    Floor floor = Floor.of(Shape.TINY, new Load(1, 10, 20), 1, 20, 2, 1e9, 1e9);
    // Two vectors of 2 heads x 32 numbers of 2 bytes in 4 layers, for 10 + 20 / 2 tokens.
    double cache = 20 * (10 + 10.0) * 2 * 4 * 2 * 32 * 2;
    assertEquals((20 * 2 * (LINEAR + TABLE) + cache) / 1e9, floor.memorySeconds(), 1e-12);
    assertEquals(2 * (30 * LINEAR + 20 * TABLE) / 1e9, floor.productSeconds(), 1e-12);
  }

  @Test
  void samplesShareTheReadingOfWeights() {
    Floor alone = Floor.of(Shape.TINY, new Load(1, 1, 8), 1, 8, 1, 1, 1);
    Floor four = Floor.of(Shape.TINY, new Load(4, 1, 8), 4, 32, 1, 1, 1);
    double cache = 8 * (1 + 4.0) * 2 * 4 * 2 * 32 * 2;
    assertEquals(3 * cache, four.memorySeconds() - alone.memorySeconds(), 1e-6);
    assertEquals(4 * alone.productSeconds(), four.productSeconds(), 1e-6);
  }

  @Test
  void theSlowerOfBothCounts() {
    assertEquals(3, new Floor(3, 2).seconds());
    assertEquals(4, new Floor(3, 4).seconds());
  }
}
