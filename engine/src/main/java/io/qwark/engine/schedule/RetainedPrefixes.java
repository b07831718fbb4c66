package io.qwark.engine.schedule;

import java.util.HashSet;
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

  /** Slots that would be free without them. */
  int tokens() {
    return tokens;
  }

  boolean contains(Place place) {
    return places.contains(place);
  }

  /** Adds a place, as the one used last. */
  void keep(Place place) {
    tokens -= idle(place.beginning());
    places.add(place);
    tokens += place.extent().capacity() + idle(place.beginning());
  }

  /** Takes a place out without freeing it; false if it is not here. */
  boolean take(Place place) {
    if (!contains(place)) {
      return false;
    }
    tokens -= place.extent().capacity() + idle(place.beginning());
    places.remove(place);
    tokens += idle(place.beginning());
    return true;
  }

  void used(Place place) {
    if (take(place)) {
      keep(place);
    }
  }

  /** How many of the first tokens of a place somebody is working on. */
  int held(Place place, int tokens) {
    return contains(place) ? Math.min(tokens, held(place.beginning())) : tokens;
  }

  private int held(Beginning beginning) {
    return beginning == null ? 0 : beginning.used(place -> !contains(place));
  }

  /** Slots of a beginning that only those use that are kept. */
  private int idle(Beginning beginning) {
    return beginning == null ? 0 : beginning.extent().capacity() - held(beginning);
  }

  /**
   * What an attempt to find room in the space comes to, if need be after giving up prefixes. None
   * is given up in vain: if the attempt would fail without any of them, the answer is null.
   */
  Extent find(Function<KvSpace, Extent> attempt) {
    Extent found = attempt.apply(space);
    if (found == null && tokens > 0 && attempt.apply(spaceWithoutAny()) != null) {
      while (found == null) {
        free(next());
        found = attempt.apply(space);
      }
    }
    return found;
  }

  /** Gives up as many as it takes for so many slots to be free, wherever they lie. */
  void giveUp(int slots) {
    while (space.freeTokens() < slots && tokens > 0) {
      free(next());
    }
  }

  /** The one to go next. Some would not free a slot as long as others share all they have. */
  private Place next() {
    return places.stream()
        .filter(place -> place.extent().capacity() + idle(place.beginning()) > 0)
        .findFirst()
        .orElseThrow();
  }

  List<Place> places() {
    return List.copyOf(places);
  }

  private KvSpace spaceWithoutAny() {
    KvSpace empty = space.copy();
    Set<Beginning> beginnings = new HashSet<>();
    for (Place place : places) {
      empty.release(place.extent());
      if (place.beginning() != null && beginnings.add(place.beginning())) {
        empty.cut(place.beginning().extent(), held(place.beginning()));
      }
    }
    return empty;
  }

  /**
   * Counts anew after places were moved: one that ended where the cache does, short of a whole
   * group of slots, has a whole one elsewhere.
   */
  void recount() {
    Set<Beginning> beginnings = new HashSet<>();
    tokens = 0;
    for (Place place : places) {
      tokens += place.extent().capacity();
      if (place.beginning() != null && beginnings.add(place.beginning())) {
        tokens += idle(place.beginning());
      }
    }
  }

  /** Frees what a place has, kept or not, but for what others share. */
  void free(Place place) {
    take(place);
    index.remove(place);
    space.release(place.extent());
    Beginning beginning = place.beginning();
    if (beginning != null) {
      tokens -= idle(beginning);
      beginning.leave(place);
      beginning.moveTo(space.cut(beginning.extent(), beginning.used(user -> true)));
      tokens += idle(beginning);
    }
  }
}
