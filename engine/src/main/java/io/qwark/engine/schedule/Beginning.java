package io.qwark.engine.schedule;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Tokens that several places begin with and that lie in the cache once. Each place uses so many of
 * them, from the first one on; nobody writes to them.
 */
final class Beginning implements Piece {
  private final Set<Place> users = new HashSet<>();
  private Extent extent;

  /** An empty one, to be lengthened. */
  Beginning(int start) {
    extent = new Extent(start, 0);
  }

  @Override
  public Extent extent() {
    return extent;
  }

  @Override
  public int filled() {
    return extent.capacity();
  }

  @Override
  public void moveTo(Extent where) {
    extent = where;
  }

  void join(Place user) {
    users.add(user);
  }

  void leave(Place user) {
    users.remove(user);
  }

  /** How many of its tokens some of the places use. */
  int used(Predicate<Place> which) {
    return users.stream().filter(which).mapToInt(Place::shared).max().orElse(0);
  }
}
