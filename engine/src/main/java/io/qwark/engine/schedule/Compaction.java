package io.qwark.engine.schedule;

import java.util.Comparator;
import java.util.List;

/**
 * Brings together the free slots that lie between pieces, by moving these. That costs far less than
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
   * Moves pieces to both ends of the cache.
   *
   * @param pieces all that there are
   * @param last the one that free slots are to follow, or null for all of them to lie at the front
   */
  void gatherBehind(Piece last, List<? extends Piece> pieces) {
    List<? extends Piece> sorted =
        pieces.stream().sorted(Comparator.comparingInt(p -> p.extent().start())).toList();
    int front = last == null ? sorted.size() : sorted.indexOf(last) + 1;
    int next = 0;
    for (Piece piece : sorted.subList(0, front)) {
      move(piece, next);
      next = piece.extent().end();
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
  private void move(Piece piece, int target) {
    int source = piece.extent().start();
    int distance = Math.abs(target - source);
    if (distance == 0) {
      return;
    }
    piece.moveTo(space.move(piece.extent(), target));
    int count = piece.filled();
    int pieces = (count + distance - 1) / distance;
    for (int i = 0; i < pieces; i++) {
      int from = distance * (target < source ? i : pieces - 1 - i);
      int size = Math.min(distance, count - from);
      moves.add(new CacheMove(source + from, target + from, size));
    }
  }
}
