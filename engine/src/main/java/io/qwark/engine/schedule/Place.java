package io.qwark.engine.schedule;

/**
 * Where a sequence lies in the cache and how many of its tokens are there: first those that it
 * shares with others, if there are any, then a run of slots of its own. It outlives the sequence
 * where the beginning of its prompt is kept.
 */
final class Place implements Piece {
  /** Tokens are shared in multiples of this. */
  private static final int BLOCK = PackedStep.SHARED_BLOCK;

  private HashedPrompt prompt;

  /** Null where nothing is shared. */
  private Beginning beginning;

  private int shared;
  private Extent extent;
  private int computed;

  /**
   * A place of its own.
   *
   * @param computed tokens whose keys and values are there already
   */
  Place(HashedPrompt prompt, Extent extent, int computed) {
    this.prompt = prompt;
    this.extent = extent;
    this.computed = computed;
  }

  /** One that shares tokens with another, which {@linkplain #lend lent} them. */
  Place(HashedPrompt prompt, Place lender, int shared, Extent extent, int computed) {
    this(prompt, extent, computed);
    if (shared > 0) {
      this.beginning = lender.beginning;
      this.shared = shared;
      beginning.join(this);
    }
  }

  HashedPrompt prompt() {
    return prompt;
  }

  /** Where the shared tokens are, or null if there are none. */
  Beginning beginning() {
    return beginning;
  }

  /** How many of its first tokens are shared. */
  int shared() {
    return shared;
  }

  /** The slots of all other tokens. */
  @Override
  public Extent extent() {
    return extent;
  }

  @Override
  public int filled() {
    return computed - shared;
  }

  /** Tokens that there are slots for. */
  int capacity() {
    return shared + extent.capacity();
  }

  /** What the index of a token that is not shared is added to, for its slot. May be negative. */
  int start() {
    return extent.start() - shared;
  }

  int slot(int token) {
    return token < shared ? beginning.extent().start() + token : start() + token;
  }

  /** Tokens whose keys and values are there. */
  int computed() {
    return computed;
  }

  /** Tokens of the prompt whose keys and values are there. */
  int prefix() {
    return Math.min(computed, prompt.length());
  }

  void computed(int tokens) {
    computed = tokens;
  }

  @Override
  public void moveTo(Extent where) {
    extent = where;
  }

  /** From now on it is the place of so many tokens of the prompt, and of nothing else. */
  void shrinkTo(int tokens, Extent where) {
    prompt = prompt.head(tokens);
    computed = tokens;
    extent = where;
  }

  /** How many of so many first tokens it can share with another. */
  int lendable(int tokens) {
    int whole = tokens / BLOCK * BLOCK;
    boolean all =
        beginning == null
            || (shared == beginning.extent().capacity()
                && beginning.extent().end() == extent.start());
    return all ? whole : Math.min(shared, whole);
  }

  /**
   * Prepares so many tokens for being shared. They stay where they are: what belongs to its own run
   * so far follows the beginning, and now belongs to that.
   */
  void lend(int tokens) {
    if (beginning == null && tokens > 0) {
      beginning = new Beginning(extent.start());
      beginning.join(this);
    }
    if (tokens > shared) {
      int more = tokens - shared;
      beginning.moveTo(new Extent(beginning.extent().start(), tokens));
      extent = new Extent(extent.start() + more, extent.capacity() - more);
      shared = tokens;
    }
  }
}
