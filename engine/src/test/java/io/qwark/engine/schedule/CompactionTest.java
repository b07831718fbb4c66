package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactionTest {
  private final List<CacheMove> moves = new ArrayList<>();

  @Test
  void freeSlotsComeToLieBehindThePlace() {
    KvSpace space = new KvSpace(160);
    final Extent hole = space.allocate(32);
    Place first = place(space, 32, 20);
    final Extent another = space.allocate(16);
    Place second = place(space, 32, 32);
    Place third = place(space, 48, 48);
    space.release(hole);
    space.release(another);
    new Compaction(space, moves).gatherBehind(first, List.of(third, first, second));
    assertEquals(new Extent(0, 32), first.extent());
    assertEquals(new Extent(80, 32), second.extent());
    assertEquals(new Extent(112, 48), third.extent());
    assertEquals(List.of(new CacheMove(32, 0, 20)), moves);
    assertEquals(new Extent(0, 80), space.extend(first.extent(), 33, 80));
  }

  @Test
  void aShortWayIsGoneInPiecesThatDoNotOverlap() {
    KvSpace space = new KvSpace(96);
    final Extent hole = space.allocate(16);
    Place place = place(space, 48, 40);
    space.release(hole);
    new Compaction(space, moves).gatherBehind(null, List.of(place));
    assertEquals(
        List.of(new CacheMove(16, 0, 16), new CacheMove(32, 16, 16), new CacheMove(48, 32, 8)),
        moves);
    moves.clear();
    // And up again, the last piece first: from 0 to 48 by way of nobody, since it is far enough.
    Place front = place(space, 16, 16);
    new Compaction(space, moves).gatherBehind(place, List.of(place, front));
    assertEquals(List.of(new CacheMove(48, 80, 16)), moves);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyPlaceKeepsItsTokensAndAllFreeSlotsAreTogether(long seed) {
    Random random = new Random(seed);
    int capacity = 700 + random.nextInt(50);
    KvSpace space = new KvSpace(capacity);
    int[] slots = new int[capacity];
    List<Place> places = new ArrayList<>();
    for (int round = 0; round < 200; round++) {
      Extent extent = space.allocate(1 + random.nextInt(120));
      while (extent != null) {
        int number = 1 + random.nextInt(1000);
        Place place =
            new Place(new HashedPrompt(new int[1]), extent, random.nextInt(extent.capacity() + 1));
        Arrays.setAll(
            slots, i -> i >= place.extent().start() && i < end(place) ? number : slots[i]);
        places.add(place);
        extent = space.allocate(1 + random.nextInt(120));
      }
      Collections.shuffle(places, random);
      while (!places.isEmpty() && random.nextInt(4) > 0) {
        space.release(places.remove(0).extent());
      }
      List<int[]> before = places.stream().map(place -> tokens(slots, place)).toList();
      Place last = places.isEmpty() || random.nextBoolean() ? null : places.get(0);
      moves.clear();
      new Compaction(space, moves).gatherBehind(last, places);
      for (CacheMove move : moves) {
        assertTrue(Math.abs(move.source() - move.target()) >= move.count(), move.toString());
        System.arraycopy(slots, move.source(), slots, move.target(), move.count());
      }
      for (int i = 0; i < places.size(); i++) {
        assertEquals(0, places.get(i).extent().start() % KvSpace.ALIGNMENT);
        assertArrayEquals(before.get(i), tokens(slots, places.get(i)));
      }
      // But for less than a block at the very end.
      int free = space.freeTokens() - KvSpace.ALIGNMENT + 1;
      assertTrue(free <= 0 || space.copy().allocate(free) != null);
      if (last != null && free > 0) {
        int all = last.extent().capacity() + free;
        assertTrue(space.copy().extend(last.extent(), all, all) != null);
      }
    }
  }

  private static int end(Place place) {
    return place.extent().start() + place.computed();
  }

  private static int[] tokens(int[] slots, Place place) {
    return Arrays.copyOfRange(slots, place.extent().start(), end(place));
  }

  private static Place place(KvSpace space, int slots, int computed) {
    return new Place(new HashedPrompt(new int[1]), space.allocate(slots), computed);
  }
}
