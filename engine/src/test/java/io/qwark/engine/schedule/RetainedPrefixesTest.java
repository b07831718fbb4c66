package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetainedPrefixesTest {
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

  private Place keep(int token) {
    int[] tokens = new int[32];
    java.util.Arrays.fill(tokens, token);
    Place place = new Place(new HashedPrompt(tokens), space.allocate(32), 32);
    index.update(place);
    retained.keep(place);
    return place;
  }
}
