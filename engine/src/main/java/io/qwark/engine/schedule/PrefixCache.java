package io.qwark.engine.schedule;

import io.qwark.engine.schedule.PrefixIndex.Match;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * The cache's space, and beginnings of prompts in it that others can use: sharing keys and values
 * costs nothing, and copying them far less than computing them. What a sequence leaves behind of
 * its prompt is kept as long as nobody needs the space, and counts as free.
 */
final class PrefixCache {
  private final KvSpace space;
  private final PrefixReuse reuse;
  private final Chunking chunking;
  private final PrefixIndex index = new PrefixIndex();
  private final RetainedPrefixes retained;

  PrefixCache(KvSpace space, PrefixReuse reuse, Chunking chunking) {
    this.space = space;
    this.reuse = reuse;
    this.chunking = chunking;
    this.retained = new RetainedPrefixes(space, index);
  }

  int capacity() {
    return space.capacity();
  }

  /** Slots that are free, or would be if somebody needed them. */
  int freeTokens() {
    return space.freeTokens() + retained.tokens();
  }

  /** Slots of beginnings that are kept for others. */
  int retainedTokens() {
    return retained.tokens();
  }

  /** What a waiting sequence can have without computing it, or null. */
  Match reusable(Sequence sequence) {
    int most = usable(sequence, sequence.promptLength());
    Match match = most == 0 ? null : index.longest(sequence.prompt(), most);
    int tokens = match == null ? 0 : usable(sequence, match.tokens());
    return tokens == 0 ? null : new Match(match.place(), tokens);
  }

  /** Of the slots of a sequence with that match, those that others are working on as well. */
  int held(Match match) {
    return match == null ? 0 : retained.held(match.place(), shareable(match));
  }

  private int shareable(Match match) {
    return reuse == PrefixReuse.SHARED ? match.place().lendable(match.tokens()) : 0;
  }

  /**
   * Whether sequences that came before this one are about to compute more of its beginning than the
   * match has. Only of those that came before, so that they get on without it.
   */
  boolean worthWaiting(Sequence sequence, Match match, List<Sequence> running) {
    int ready = match == null ? 0 : match.tokens();
    for (Sequence other : running) {
      if (other.computed() < other.promptLength() && other.olderThan(sequence)) {
        int common = other.prompt().common(sequence.prompt(), sequence.promptLength());
        if (usable(sequence, common) >= ready + HashedPrompt.BLOCK) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Gives a sequence a place with what can be reused in it; without that where there is no room for
   * both.
   *
   * @param match may be null
   * @param moves to which the copying is added
   * @return false if there is no room at all
   */
  boolean admit(
      Sequence sequence, Match match, int slots, List<Sequence> running, List<CacheMove> moves) {
    if (match != null) {
      retained.used(match.place());
    }
    return place(sequence, match, slots, moves)
        || (gather(slots - held(match), null, running, moves)
            && place(sequence, reusable(sequence), slots, moves));
  }

  private boolean place(Sequence sequence, Match match, int slots, List<CacheMove> moves) {
    if (match != null
        && (takeOver(sequence, match, slots) || share(sequence, match, slots, moves))) {
      return true;
    }
    Extent extent = find(s -> s.allocate(slots));
    if (extent != null) {
      sequence.place(new Place(sequence.prompt(), extent, 0));
    }
    return extent != null;
  }

  private Extent find(Function<KvSpace, Extent> attempt) {
    return retained.find(attempt);
  }

  /**
   * Makes a sequence's place long enough for all its tokens, if need be elsewhere.
   *
   * @param modest slots that it would be content with
   * @return false if there are not enough slots
   */
  boolean grow(
      Sequence sequence, int modest, int wanted, List<Sequence> running, List<CacheMove> moves) {
    Place place = sequence.place();
    Extent old = place.extent();
    int least = sequence.length() - place.shared();
    int most = wanted - place.shared();
    Extent grown = find(s -> extendOrAllocate(s, old, least, most));
    if (grown == null) {
      grown = find(s -> s.allocate(modest - place.shared()));
    }
    if (grown == null) {
      int slots = Math.max(least, Math.min(most, old.capacity() + freeTokens())) - old.capacity();
      if (gather(slots, place, running, moves)) {
        grown = space.extend(place.extent(), least, most);
      }
    }
    if (grown != null) {
      move(place, grown, moves);
    }
    return grown != null;
  }

  /**
   * Makes a sequence's place longer for tokens to come, where that costs nobody anything: nothing
   * is given up for it, and others stay where they are.
   */
  void growAhead(Sequence sequence, int least, int wanted, List<CacheMove> moves) {
    Place place = sequence.place();
    int shared = place.shared();
    Extent grown = extendOrAllocate(space, place.extent(), least - shared, wanted - shared);
    if (grown != null) {
      move(place, grown, moves);
    }
  }

  private static Extent extendOrAllocate(KvSpace space, Extent old, int least, int wanted) {
    Extent extended = space.extend(old, least, wanted);
    return extended == null ? space.allocate(wanted) : extended;
  }

  /** Brings so many free slots together, behind a place or at the end; false if there are fewer. */
  private boolean gather(int slots, Place behind, List<Sequence> running, List<CacheMove> moves) {
    if (slots > freeTokens()) {
      return false;
    }
    retained.giveUp(slots);
    List<Place> places = new ArrayList<>(retained.places());
    running.forEach(sequence -> places.add(sequence.place()));
    Set<Piece> pieces = new LinkedHashSet<>(places);
    places.stream().map(Place::beginning).filter(Objects::nonNull).forEach(pieces::add);
    new Compaction(space, moves).gatherBehind(behind, List.copyOf(pieces));
    retained.recount();
    return true;
  }

  private void move(Place place, Extent grown, List<CacheMove> moves) {
    Extent old = place.extent();
    if (grown.start() != old.start()) {
      moves.add(new CacheMove(old.start(), grown.start(), place.filled()));
      space.release(old);
    }
    place.moveTo(grown);
  }

  /** Tells of tokens that were computed. */
  void computed(Sequence sequence, int tokens) {
    Place place = sequence.place();
    boolean ofPrompt = place.computed() < sequence.promptLength();
    place.computed(tokens);
    if (ofPrompt && reuse != PrefixReuse.NONE) {
      index.update(place);
    }
  }

  /** Takes back what was told of tokens from there on, which were not computed after all. */
  void notComputed(Sequence sequence, int from) {
    Place place = sequence.place();
    index.remove(place);
    place.computed(from);
    if (reuse != PrefixReuse.NONE) {
      index.update(place);
    }
  }

  /** Frees what a sequence has; its prompt is kept if it may be of use. */
  void leave(Sequence sequence) {
    Place place = sequence.place();
    sequence.place(null);
    index.remove(place);
    int tokens = usable(place.prefix());
    Match same = tokens == 0 ? null : index.longest(place.prompt(), tokens);
    if (same != null && same.tokens() == tokens) {
      retained.used(same.place());
      tokens = 0;
    }
    if (tokens == 0) {
      retained.free(place);
    } else {
      place.shrinkTo(tokens, space.cut(place.extent(), tokens - place.shared()));
      retained.keep(place);
      index.update(place);
    }
  }

  /** Frees what a sequence has and keeps nothing of it. */
  void discard(Sequence sequence) {
    retained.free(sequence.place());
    sequence.place(null);
  }

  /** Frees all that is kept. */
  void giveUpRetained() {
    retained.giveUp(space.capacity());
  }

  /** In place, where the sequence begins with all of a prefix that nobody is working on. */
  private boolean takeOver(Sequence sequence, Match match, int slots) {
    Place source = match.place();
    int shared = source.shared();
    // The token that is computed again must not be one that others share.
    if (!retained.contains(source) || !covers(sequence, source) || shared > match.tokens()) {
      return false;
    }
    Extent old = source.extent();
    retained.take(source);
    Extent extent = space.extend(old, slots - shared, slots - shared);
    if (extent == null) {
      retained.keep(source);
      return false;
    }
    settle(sequence, new Place(sequence.prompt(), source, shared, extent, match.tokens()));
    source.moveTo(new Extent(old.start(), 0));
    retained.free(source);
    return true;
  }

  /** Whole blocks are shared with the other place, if the model can, and the rest is copied. */
  private boolean share(Sequence sequence, Match match, int slots, List<CacheMove> moves) {
    Place source = match.place();
    int shared = shareable(match);
    int tokens = match.tokens();
    // Not to be given up for the room that is needed.
    boolean kept = retained.take(source);
    Extent extent = find(s -> s.allocate(slots - shared));
    if (extent != null) {
      source.lend(shared);
      if (tokens > shared) {
        moves.add(new CacheMove(source.slot(shared), extent.start(), tokens - shared));
      }
      settle(sequence, new Place(sequence.prompt(), source, shared, extent, tokens));
    }
    if (kept && extent != null && covers(sequence, source)) {
      // Nobody needs it twice.
      retained.free(source);
    } else if (kept) {
      retained.keep(source);
    }
    return extent != null;
  }

  private void settle(Sequence sequence, Place place) {
    sequence.place(place);
    index.update(place);
  }

  private static boolean covers(Sequence sequence, Place source) {
    int length = source.prompt().length();
    return sequence.prompt().common(source.prompt(), length) == length;
  }

  /** The last token of a prompt is always computed, for the scores of what follows it. */
  private int usable(Sequence sequence, int common) {
    return sequence.allows(Shortcut.PREFIX_REUSE)
        ? usable(Math.min(common, sequence.promptLength() - 1))
        : 0;
  }

  private int usable(int common) {
    int tokens =
        switch (reuse) {
          case NONE -> 0;
          case WHOLE_CHUNKS -> chunking.whole(common);
          case ANY, SHARED -> common;
        };
    return tokens < HashedPrompt.BLOCK ? 0 : tokens;
  }
}
