package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvSpaceTest {
  @Test
  void growsInPlaceWhereTheNeighbourIsFree() {
    KvSpace space = new KvSpace(100);
    Extent first = space.allocate(40);
    assertEquals(new Extent(0, 70), space.extend(first, 41, 70));
    assertEquals(30, space.freeTokens());
  }

  @Test
  void takesLessThanWantedWhenThatIsEnough() {
    KvSpace space = new KvSpace(100);
    Extent first = space.allocate(40);
    space.allocate(10);
    Extent third = space.allocate(20);
    assertEquals(new Extent(50, 50), space.extend(third, 25, 80));
    assertNull(space.extend(first, 41, 60));
  }

  @Test
  void refusesToReleaseTwice() {
    KvSpace space = new KvSpace(100);
    Extent extent = space.allocate(10);
    space.release(extent);
    assertThrows(IllegalStateException.class, () -> space.release(extent));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void neverGivesASlotTwiceAndGetsAllOfThemBack(long seed) {
    Random random = new Random(seed);
    KvSpace space = new KvSpace(1000);
    boolean[] taken = new boolean[1000];
    List<Extent> held = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (held.isEmpty() || random.nextInt(3) > 0) {
        Extent extent = space.allocate(1 + random.nextInt(60));
        if (extent != null) {
          mark(taken, extent.start(), extent.end(), true);
          held.add(extent);
        }
      } else if (random.nextBoolean()) {
        Extent old = held.remove(random.nextInt(held.size()));
        Extent grown =
            space.extend(old, old.capacity() + 1, old.capacity() + 1 + random.nextInt(30));
        if (grown != null) {
          mark(taken, old.end(), grown.end(), true);
        }
        held.add(grown == null ? old : grown);
      } else {
        Extent extent = held.remove(random.nextInt(held.size()));
        mark(taken, extent.start(), extent.end(), false);
        space.release(extent);
      }
      assertEquals(1000 - held.stream().mapToInt(Extent::capacity).sum(), space.freeTokens());
    }
    held.forEach(space::release);
    assertEquals(new Extent(0, 1000), space.allocate(1000));
  }

  private static void mark(boolean[] taken, int from, int to, boolean value) {
    for (int i = from; i < to; i++) {
      assertEquals(!value, taken[i], "slot " + i);
      taken[i] = value;
    }
  }
}
