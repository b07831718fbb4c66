package io.qwark.engine.schedule;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds the place in the cache that has most of a prompt's beginning. It knows each place by the
 * hashes of all blocks of its prompt that are computed, so it holds an entry for every {@link
 * HashedPrompt#BLOCK} tokens in the cache at most.
 */
final class PrefixIndex {
  /** Places that are compared token by token; all of them agree in all blocks that matter. */
  private static final int COMPARED = 8;

  private final Map<Long, Set<Place>> byHash = new HashMap<>();

  /** Blocks by which each place is known. */
  private final Map<Place, Integer> known = new HashMap<>();

  /**
   * Tokens that lie in the cache.
   *
   * @param tokens how many tokens of the place are those that were asked for
   */
  record Match(Place place, int tokens) {}

  /** Takes up a place, or what has been computed of it since. */
  void update(Place place) {
    int blocks = place.prefix() / HashedPrompt.BLOCK;
    for (int i = known.getOrDefault(place, 0); i < blocks; i++) {
      byHash.computeIfAbsent(place.prompt().hash(i), h -> new LinkedHashSet<>()).add(place);
    }
    known.put(place, blocks);
  }

  void remove(Place place) {
    Integer blocks = known.remove(place);
    for (int i = 0; blocks != null && i < blocks; i++) {
      byHash.computeIfPresent(
          place.prompt().hash(i),
          (hash, places) -> {
            places.remove(place);
            return places.isEmpty() ? null : places;
          });
    }
  }

  /**
   * The place that has most of the first {@code most} tokens of the prompt, or null if none has a
   * block of them.
   */
  Match longest(HashedPrompt prompt, int most) {
    Set<Place> deepest = Set.of();
    for (int i = 0; (i + 1) * HashedPrompt.BLOCK <= most; i++) {
      Set<Place> found = byHash.get(prompt.hash(i));
      if (found == null) {
        break;
      }
      deepest = found;
    }
    return deepest.stream()
        .limit(COMPARED)
        .map(place -> new Match(place, common(place, prompt, most)))
        .filter(match -> match.tokens() >= HashedPrompt.BLOCK)
        .reduce((a, b) -> b.tokens() > a.tokens() ? b : a)
        .orElse(null);
  }

  private static int common(Place place, HashedPrompt prompt, int most) {
    return place.prompt().common(prompt, Math.min(most, place.prefix()));
  }

  /** Entries held, of all places together. */
  int size() {
    return known.values().stream().mapToInt(Integer::intValue).sum();
  }
}
