package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetainedPrefixesTest {
  private static final HashedPrompt PROMPT = new HashedPrompt(new int[200]);

  private final KvSpace space = new KvSpace(160);
  private final PrefixIndex index = new PrefixIndex();
  private final RetainedPrefixes retained = new RetainedPrefixes(space, index);
  private Place first;
  private Place second;
  private Place third;

  /** 32 slots each, and 64 are free. */
  @BeforeEach
  void keepThree() {
    first = keep(1);
    second = keep(2);
    third = keep(3);
  }

  @Test
  void nothingIsGivenUpWhileThereIsSpace() {
    assertEquals(new Extent(96, 64), retained.find(s -> s.allocate(64)));
    assertEquals(96, retained.tokens());
  }

  @Test
  void theLeastRecentlyUsedGoesFirstAndNoMoreThanItTakes() {
    retained.used(first);
    retained.used(second);
    assertEquals(new Extent(64, 80), retained.find(s -> s.allocate(80)));
    assertFalse(retained.contains(third));
    assertTrue(retained.contains(first) && retained.contains(second));
    assertEquals(64, retained.tokens());
    assertNull(index.longest(third.prompt(), 32));
    assertEquals(first, index.longest(first.prompt(), 32).place());
  }

  @Test
  void nothingIsGivenUpInVain() {
    Extent last = space.allocate(64);
    assertNull(retained.find(s -> s.allocate(97)));
    assertEquals(96, retained.tokens());
    space.release(last);
    assertEquals(new Extent(0, 160), retained.find(s -> s.allocate(160)));
    assertEquals(0, retained.tokens());
    assertEquals(0, index.size());
  }

  @Test
  void whatWasTakenOutIsNotGivenUp() {
    assertTrue(retained.take(second));
    assertFalse(retained.take(second));
    assertNull(retained.find(s -> s.allocate(97)));
    assertEquals(new Extent(64, 96), retained.find(s -> s.allocate(96)));
  }

  /** All it has is in use, so that giving it up would free nothing. */
  @Test
  void whatOthersShareIsNotGivenUpInVain() {
    KvSpace large = new KvSpace(256);
    RetainedPrefixes some = new RetainedPrefixes(large, index);
    Place lender = new Place(new HashedPrompt(new int[64]), large.allocate(64), 64);
    lender.lend(64);
    Place sharer = new Place(lender.prompt(), lender, 64, large.allocate(16), 70);
    some.keep(lender);
    assertEquals(0, some.tokens());
    Place other = new Place(new HashedPrompt(new int[32]), large.allocate(32), 32);
    some.keep(other);
    assertEquals(32, some.tokens());
    assertEquals(new Extent(80, 176), some.find(s -> s.allocate(176)));
    assertTrue(some.contains(lender));
    assertFalse(some.contains(other));
    some.free(sharer);
    assertEquals(64, some.tokens());
    assertEquals(new Extent(0, 80), some.find(s -> s.allocate(80)));
    assertFalse(some.contains(lender));
  }

  /** 56 slots are three groups and a half; the half one is moved to where a whole one is free. */
  @Test
  void whatIsMovedAwayFromTheEndOfTheCacheCountsAsWhatItThenHas() {
    KvSpace small = new KvSpace(56);
    RetainedPrefixes some = new RetainedPrefixes(small, new PrefixIndex());
    Extent first = small.allocate(48);
    Place last = new Place(PROMPT.head(8), small.allocate(8), 8);
    assertEquals(new Extent(48, 8), last.extent());
    some.keep(last);
    small.release(first);
    new Compaction(small, new ArrayList<>()).gatherBehind(null, some.places());
    some.recount();
    assertEquals(new Extent(0, 16), last.extent());
    assertEquals(16, some.tokens());
    assertEquals(56, small.freeTokens() + some.tokens());
  }

  /** Places come and go, are kept and taken out, and share beginnings, all at random. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void itCountsWhatWouldBeFreeWithoutThem(long seed) {
    Random random = new Random(seed);
    KvSpace large = new KvSpace(3000);
    RetainedPrefixes some = new RetainedPrefixes(large, new PrefixIndex());
    List<Place> inUse = new ArrayList<>();
    int sharing = 0;
    for (int i = 0; i < 5000; i++) {
      List<Place> from = random.nextBoolean() ? inUse : some.places();
      Place place = from.isEmpty() ? null : from.get(random.nextInt(from.size()));
      int action = random.nextInt(10);
      if (action < 4) {
        Place lender = action < 2 || some.contains(place) ? null : place;
        int shared = lender == null ? 0 : lender.lendable(random.nextInt(PROMPT.length()));
        Extent extent = large.allocate(PROMPT.length() - shared + random.nextInt(60));
        if (extent != null) {
          if (shared > 0) {
            lender.lend(shared);
          }
          inUse.add(new Place(PROMPT, lender, shared, extent, PROMPT.length()));
        }
      } else if (place == null) {
        continue;
      } else if (action < 6) {
        some.free(place);
        inUse.remove(place);
      } else if (action == 9) {
        int wanted = random.nextInt(3000);
        int most = large.freeTokens() + some.tokens();
        some.giveUp(wanted);
        assertTrue(large.freeTokens() >= Math.min(wanted, most));
      } else if (some.take(place)) {
        inUse.add(place);
      } else {
        int own = PROMPT.length() - place.shared();
        place.shrinkTo(PROMPT.length(), large.cut(place.extent(), own));
        some.keep(place);
        inUse.remove(place);
      }
      sharing += count(large, some, inUse);
    }
    assertTrue(sharing > 1000, sharing + " times");
  }

  /**
   * Slot by slot.
   *
   * @return how many of those in use share a beginning
   */
  private static int count(KvSpace space, RetainedPrefixes retained, List<Place> inUse) {
    Holdings holdings = new Holdings(space.capacity());
    inUse.forEach(holdings::add);
    int held = holdings.held();
    retained.places().forEach(holdings::add);
    assertEquals(holdings.held() - held, retained.tokens());
    assertEquals(space.capacity() - holdings.held(), space.freeTokens());
    return (int) inUse.stream().filter(place -> place.shared() > 0).count();
  }

  private Place keep(int token) {
    int[] tokens = new int[32];
    java.util.Arrays.fill(tokens, token);
    Place place = new Place(new HashedPrompt(tokens), space.allocate(32), 32);
    index.update(place);
    retained.keep(place);
    return place;
  }
}
