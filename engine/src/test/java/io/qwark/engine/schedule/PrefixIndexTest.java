package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.schedule.PrefixIndex.Match;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {
  private static final Extent ANYWHERE = new Extent(0, 1024);

  private final PrefixIndex index = new PrefixIndex();

  @Test
  void findsThePlaceThatHasMostOfThePrompt() {
    Place shorter = computed(prompt(100, 40), 100);
    Place longer = computed(prompt(100, 80), 100);
    index.update(shorter);
    index.update(longer);
    HashedPrompt wanted = prompt(200, 200);
    assertEquals(new Match(longer, 80), index.longest(wanted, 200));
    assertEquals(new Match(shorter, 40), index.longest(prompt(60, 40), 60));
  }

  @Test
  void comparesTokenByTokenBeyondTheLastBlockInCommon() {
    Place place = computed(prompt(100, 100), 100);
    index.update(place);
    for (int common = 16; common < 100; common++) {
      assertEquals(new Match(place, common), index.longest(prompt(120, common), 120));
    }
    assertEquals(new Match(place, 50), index.longest(prompt(100, 100), 50));
  }

  @Test
  void oneBlockIsTheLeast() {
    index.update(computed(prompt(100, 100), 100));
    assertNull(index.longest(prompt(100, 15), 100));
    assertNull(index.longest(prompt(100, 100), 15));
  }

  @Test
  void onlyWhatIsComputedCounts() {
    Place place = computed(prompt(100, 100), 0);
    index.update(place);
    assertNull(index.longest(prompt(100, 100), 100));
    place.computed(37);
    index.update(place);
    assertEquals(new Match(place, 37), index.longest(prompt(100, 100), 100));
    place.computed(300);
    index.update(place);
    assertEquals(new Match(place, 100), index.longest(prompt(100, 100), 100));
  }

  @Test
  void whatIsRemovedIsFoundNoMoreAndLeavesNothingBehind() {
    Place first = computed(prompt(100, 100), 100);
    Place second = computed(prompt(64, 64), 64);
    index.update(first);
    index.update(second);
    assertEquals(6 + 4, index.size());
    index.remove(first);
    assertEquals(new Match(second, 64), index.longest(prompt(100, 100), 100));
    index.remove(second);
    index.remove(second);
    assertNull(index.longest(prompt(100, 100), 100));
    assertEquals(0, index.size());
  }

  @Test
  void manyPlacesWithOneBeginningAreNoObstacle() {
    for (int i = 0; i < 1000; i++) {
      int own = i;
      int[] tokens = IntStream.range(0, 64).map(t -> t < 48 ? t : 1000 + own).toArray();
      index.update(computed(new HashedPrompt(tokens), 64));
    }
    int[] tokens = IntStream.range(0, 64).map(t -> t < 48 ? t : 1000 + 777).toArray();
    assertEquals(64, index.longest(new HashedPrompt(tokens), 64).tokens());
    assertTrue(index.longest(prompt(64, 64), 64).tokens() == 48);
  }

  /** The tokens 0, 1, 2 ... as far as they are common, others after that. */
  private static HashedPrompt prompt(int length, int common) {
    return new HashedPrompt(
        IntStream.range(0, length).map(i -> i < common ? i : 10_000 + length + i).toArray());
  }

  private static Place computed(HashedPrompt prompt, int tokens) {
    return new Place(prompt, ANYWHERE, tokens);
  }
}
