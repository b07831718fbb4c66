package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeadroomTest {
  private final Headroom headroom = new Headroom();

  @Test
  void looksOneStepAheadAtFirst() {
    assertEquals(0, headroom.needed(List.of(sequence(100, 500, 112))));
    assertEquals(1, headroom.needed(List.of(sequence(112, 500, 112))));
    assertEquals(2, headroom.needed(List.of(sequence(112, 500, 112), sequence(64, 500, 64))));
    assertEquals(0, headroom.needed(List.of()));
  }

  @Test
  void nobodyGrowsBeyondItsEnd() {
    IntStream.range(0, 100).forEach(i -> headroom.preempted());
    assertEquals(400 - 112, headroom.needed(List.of(sequence(100, 400, 112))));
  }

  @Test
  void looksFurtherAheadWithEveryPreemptionAndLessFarAsSequencesEnd() {
    List<Sequence> one = List.of(sequence(100, 5000, 100));
    IntStream.range(0, 6).forEach(i -> headroom.preempted());
    assertEquals(64, headroom.needed(one));
    // 64 * 15 / 16
    headroom.ended();
    assertEquals(60, headroom.needed(one));
    IntStream.range(0, 100).forEach(i -> headroom.ended());
    assertEquals(1, headroom.needed(one));
  }

  private static Sequence sequence(int length, int maxLength, int slots) {
    Sequence sequence = new Sequence(new int[length], maxLength);
    sequence.place(new Place(sequence.prompt(), new Extent(0, slots), 0));
    return sequence;
  }
}
