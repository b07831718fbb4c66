package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    assertEquals(new Extent(0, 80), space.extend(first, 49, 70));
    assertEquals(20, space.freeTokens());
  }

  @Test
  void takesLessThanWantedWhenThatIsEnough() {
    KvSpace space = new KvSpace(100);
    Extent first = space.allocate(32);
    space.allocate(16);
    Extent third = space.allocate(20);
    assertEquals(new Extent(48, 52), space.extend(third, 40, 80));
    assertNull(space.extend(first, 33, 60));
    assertEquals(first, space.extend(first, 32, 60));
  }

  @Test
  void runsBeginAtMultiplesOf16AndOnlyTheLastEndsElsewhere() {
    KvSpace space = new KvSpace(50);
    assertEquals(new Extent(0, 16), space.allocate(1));
    assertEquals(new Extent(16, 32), space.allocate(17));
    assertNull(space.allocate(3));
    assertEquals(new Extent(48, 2), space.allocate(2));
    assertEquals(0, space.freeTokens());
  }

  @Test
  void cutsOffWhatIsBehindTheTokensKept() {
    KvSpace space = new KvSpace(128);
    Extent extent = space.allocate(100);
    assertEquals(new Extent(0, 48), space.cut(extent, 33));
    assertEquals(80, space.freeTokens());
    assertEquals(new Extent(48, 80), space.allocate(80));
    assertEquals(new Extent(0, 48), space.cut(new Extent(0, 48), 48));
  }

  @Test
  void aCopyGoesItsOwnWay() {
    KvSpace space = new KvSpace(64);
    KvSpace copy = space.copy();
    copy.allocate(64);
    assertEquals(0, copy.freeTokens());
    assertEquals(new Extent(0, 64), space.allocate(64));
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
          assertEquals(0, extent.start() % KvSpace.ALIGNMENT);
          mark(taken, extent.start(), extent.end(), true);
          held.add(extent);
        }
      } else if (random.nextBoolean()) {
        Extent old = held.remove(random.nextInt(held.size()));
        Extent grown =
            space.extend(old, old.capacity() + 1, old.capacity() + 1 + random.nextInt(30));
        if (grown != null) {
          assertTrue(grown.capacity() > old.capacity());
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
