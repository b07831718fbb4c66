package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class RooflineTest {
  private static final Roofline MACHINE = new Roofline(25, 1000.0, "some", null, null);

  /**
   * By hand from the config of Qwen/Qwen3-0.6B: 28 layers of 1024 x (2 x 2048 + 2 x 1024 + 3 x
   * 3072), and an output layer of 151,936 x 1024. All parameters are 596,049,920, of which 65,536
   * are norms.
   */
  @Test
  void weightsAreThoseOfTheModel() {
    assertEquals(440_401_920, Work.linearWeights(Shape.QWEN3_0_6B));
    assertEquals(155_582_464, Work.outputWeights(Shape.QWEN3_0_6B));
    assertEquals(
        596_049_920 - 65_536,
        Work.linearWeights(Shape.QWEN3_0_6B) + Work.outputWeights(Shape.QWEN3_0_6B));
  }

  /** Two steps of two samples: all weights twice, and 2 x (11 + 12) tokens of the cache. */
  @Test
  void decodingReadsAllWeightsInEachStep() {
    Work work = Work.of(Shape.QWEN3_0_6B, job(Job.Kind.DECODE, 10, 3), HeldAs.of("int8"));
    double weights = 595_984_384;
    // Keys and values of 28 layers with 8 heads of 128, two bytes each.
    double cacheBytes = 2 * 28 * 8 * 128 * 2;
    assertEquals(2 * weights + 46 * cacheBytes, work.bytes());
    assertEquals(4 * weights, work.multiplications());
  }

  /** 18 bytes hold 32 weights of 4 bits; 8 bits are a byte each. */
  @Test
  void weightsOfFourBitsTakeLessMemory() {
    double linear = 440_401_920;
    double output = 155_582_464;
    assertEquals(linear / 32 * 18 + output, Work.weightBytes(Shape.QWEN3_0_6B, HeldAs.of("int4")));
    assertEquals(
        (linear + output) / 32 * 18,
        Work.weightBytes(Shape.QWEN3_0_6B, HeldAs.of("int4/int8/int4")));
  }

  /** 20 tokens through the layers, and two through the output layer. */
  @Test
  void prefillNeedsScoresOfLastTokensOnly() {
    Work work = Work.of(Shape.QWEN3_0_6B, job(Job.Kind.PREFILL, 10, 1), HeldAs.of("int8"));
    assertEquals(20.0 * 440_401_920 + 2.0 * 155_582_464, work.multiplications());
    assertEquals(595_984_384, work.bytes());
  }

  /** 24 tokens through the layers: 20 of the prompts and two after each first token. */
  @Test
  void mixedWorkIsBoth() {
    Work work = Work.of(Shape.QWEN3_0_6B, job(Job.Kind.MIXED, 10, 3), HeldAs.of("int8"));
    assertEquals(24.0 * 440_401_920 + 6.0 * 155_582_464, work.multiplications());
  }

  @Test
  void theSlowerOfMemoryAndProductsSetsTheLimit() {
    // 50 GB at 25 GB/s, against 2 x 500 G at 1,000 GOP/s; then five times the products.
    assertEquals(2, MACHINE.leastSeconds(new Work(500e9, 50e9)));
    assertEquals(5, MACHINE.leastSeconds(new Work(2500e9, 50e9)));
  }

  @Test
  void aProcessorWithoutSuchInstructionsHasNoLimit() {
    assertNull(new Roofline(25, null, null, null, 80.0).leastSeconds(new Work(1, 1)));
  }

  private static Job job(Job.Kind kind, int input, int output) {
    TimedRequest request = new TimedRequest(new int[input], output);
    return new Job(kind, List.of(request, request));
  }
}
