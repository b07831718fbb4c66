package io.qwark.engine.schedule;

import java.util.Comparator;
import java.util.List;

/**
 * Brings together the free slots that lie between places, by moving these. That costs far less than
 * computing again what would have to give way otherwise.
 */
final class Compaction {
  private final KvSpace space;
  private final List<CacheMove> moves;

  /**
   * @param moves to which is added what is to be copied
   */
  Compaction(KvSpace space, List<CacheMove> moves) {
    this.space = space;
    this.moves = moves;
  }

  /**
   * Moves places to both ends of the cache.
   *
   * @param places all that there are
   * @param last the one that free slots are to follow, or null for all of them to lie at the front
   */
  void gatherBehind(Place last, List<Place> places) {
    List<Place> sorted =
        places.stream().sorted(Comparator.comparingInt(p -> p.extent().start())).toList();
    int front = last == null ? sorted.size() : sorted.indexOf(last) + 1;
    int next = 0;
    for (Place place : sorted.subList(0, front)) {
      move(place, next);
      next = place.extent().end();
    }
    int end = space.capacity();
    for (int i = sorted.size() - 1; i >= front; i--) {
      Extent extent = sorted.get(i).extent();
      int highest = (end - extent.capacity()) / KvSpace.ALIGNMENT * KvSpace.ALIGNMENT;
      move(sorted.get(i), highest);
      end = sorted.get(i).extent().start();
    }
  }

  /**
   * In pieces that do not overlap with where they go, beginning with the one that is in the way.
   */
  private void move(Place place, int target) {
    int source = place.extent().start();
    int distance = Math.abs(target - source);
    if (distance == 0) {
      return;
    }
    place.moveTo(space.move(place.extent(), target));
    int count = place.computed();
    int pieces = (count + distance - 1) / distance;
    for (int i = 0; i < pieces; i++) {
      int from = distance * (target < source ? i : pieces - 1 - i);
      int size = Math.min(distance, count - from);
      moves.add(new CacheMove(source + from, target + from, size));
    }
  }
}
