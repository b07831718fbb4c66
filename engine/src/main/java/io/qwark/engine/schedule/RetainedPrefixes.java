package io.qwark.engine.schedule;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Beginnings of prompts that nobody is working on. They stay in the cache until their space is
 * needed; the one that was used least recently goes first.
 */
final class RetainedPrefixes {
  private final KvSpace space;
  private final PrefixIndex index;

  /** The least recently used first. */
  private final Set<Place> places = new LinkedHashSet<>();

  private int tokens;

  RetainedPrefixes(KvSpace space, PrefixIndex index) {
    this.space = space;
    this.index = index;
  }

  /** Slots that they occupy. */
  int tokens() {
    return tokens;
  }

  boolean contains(Place place) {
    return places.contains(place);
  }

  /** Adds a place, as the one used last. */
  void keep(Place place) {
    places.add(place);
    tokens += place.extent().capacity();
  }

  /** Takes a place out without freeing it; false if it is not here. */
  boolean take(Place place) {
    boolean here = places.remove(place);
    if (here) {
      tokens -= place.extent().capacity();
    }
    return here;
  }

  void used(Place place) {
    if (take(place)) {
      keep(place);
    }
  }

  /**
   * What an attempt to find room in the space comes to, if need be after giving up prefixes. None
   * is given up in vain: if the attempt would fail without any of them, the answer is null.
   */
  Extent find(Function<KvSpace, Extent> attempt) {
    Extent found = attempt.apply(space);
    if (found == null && !places.isEmpty() && attempt.apply(spaceWithoutAny()) != null) {
      while (found == null) {
        evict(places.iterator().next());
        found = attempt.apply(space);
      }
    }
    return found;
  }

  /** Gives up as many as it takes for so many slots to be free, wherever they lie. */
  void giveUp(int slots) {
    while (space.freeTokens() < slots && !places.isEmpty()) {
      evict(places.iterator().next());
    }
  }

  List<Place> places() {
    return List.copyOf(places);
  }

  private KvSpace spaceWithoutAny() {
    KvSpace empty = space.copy();
    places.forEach(place -> empty.release(place.extent()));
    return empty;
  }

  private void evict(Place place) {
    take(place);
    index.remove(place);
    space.release(place.extent());
  }
}
