package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SetAccumulatorTest {
  private final SetAccumulator<String> accumulator = new SetAccumulator<>();

  @Test
  void whatManyReportCountsOnce() {
    accumulator.add("a");
    SetAccumulator<String> other = accumulator.copy();
    other.add("b");
    accumulator.merge(other);
    accumulator.add("a");

    assertEquals(Set.of("a", "b"), accumulator.value());
    accumulator.reset();
    assertTrue(accumulator.isZero());
    assertEquals(Set.of("a", "b"), other.value());
  }

  @Test
  void aHeartbeatThatSeesItHalfDeserializedFindsItEmpty() throws Exception {
    Field values = SetAccumulator.class.getDeclaredField("values");
    values.setAccessible(true);
    values.set(accumulator, null);

    assertTrue(accumulator.isZero());
    assertEquals(Set.of(), accumulator.value());
  }
}
