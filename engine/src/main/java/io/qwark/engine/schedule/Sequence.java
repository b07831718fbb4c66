package io.qwark.engine.schedule;

import io.qwark.engine.api.Speculative;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * The tokens of one sample, prompt first, and how far they have been computed. Only the {@link
 * Scheduler} changes where it lies in the cache.
 */
public final class Sequence {
  private final HashedPrompt prompt;
  private final int maxLength;
  private final Set<Shortcut> shortcuts;
  private int[] tokens;
  private int length;

  /** Guesses, or tokens found ahead, that lie behind the last token and are in the cache. */
  private int drafts;

  /** Whether the next token is to be drawn in a step of its own. */
  private boolean undecided;

  /** Null until the first guess. */
  private PromptLookup lookup;

  /** Counts up with each sequence that comes to the scheduler. */
  private long arrival = -1;

  /** Null while it waits. */
  private Place place;

  /** A sequence that may be saved work in every way. */
  public Sequence(int[] prompt, int maxLength) {
    this(prompt, maxLength, EnumSet.allOf(Shortcut.class));
  }

  /**
   * @param prompt not empty; not copied, so the caller leaves it alone
   * @param maxLength tokens of prompt and output together that it can come to
   * @param shortcuts in which ways it may be saved work
   */
  public Sequence(int[] prompt, int maxLength, Set<Shortcut> shortcuts) {
    if (prompt.length == 0 || maxLength <= prompt.length) {
      throw new IllegalArgumentException(
          "a prompt of " + prompt.length + " tokens in a sequence of at most " + maxLength);
    }
    this.prompt = new HashedPrompt(prompt);
    this.maxLength = maxLength;
    this.shortcuts = Set.copyOf(shortcuts);
    this.tokens = Arrays.copyOf(prompt, Math.min(maxLength, prompt.length + 64));
    this.length = prompt.length;
  }

  public int promptLength() {
    return prompt.length();
  }

  /** Tokens of prompt and output so far. */
  public int length() {
    return length;
  }

  public int generated() {
    return length - prompt.length();
  }

  public boolean full() {
    return length == maxLength;
  }

  /** A token of prompt or output, or a guess at one that may follow. */
  public int token(int index) {
    return tokens[index];
  }

  /** Adds the next token. If it was guessed right, it is computed already. */
  public void append(int token) {
    reserve(length + 1);
    if (drafts > 0 && tokens[length] == token) {
      drafts--;
      place.computed(place.computed() + 1);
    } else {
      drafts = 0;
    }
    tokens[length++] = token;
    undecided = false;
  }

  /**
   * Takes note of tokens that a call of the model found and whose keys and values it has put into
   * the cache. They count from when they are {@linkplain #append appended}.
   */
  public void computedAhead(int[] found) {
    reserve(length + found.length);
    System.arraycopy(found, 0, tokens, length, found.length);
    drafts = found.length;
  }

  /** The model cannot draw the next token by itself, so nothing is decoded ahead until it is. */
  public void undecided() {
    undecided = true;
  }

  /** Whether it may be decoded ahead now: a model that does that knows of no shared tokens. */
  boolean mayGoAhead() {
    return !undecided && allows(Shortcut.STEPS_AHEAD) && place.shared() == 0;
  }

  /** Tokens that it has slots for and may come to beyond the next one. */
  int roomAhead() {
    return Math.min(capacity(), maxLength - 1) - length;
  }

  /**
   * Puts guesses behind the last token, which later tokens may overwrite.
   *
   * @return how many
   */
  int draft(Speculative speculative, int most) {
    if (lookup == null) {
      lookup = new PromptLookup(speculative);
    }
    int next = lookup.find(tokens, length);
    drafts = next == 0 ? 0 : most;
    reserve(length + drafts);
    for (int i = 0; i < drafts; i++) {
      // Where the text repeats itself in a short circle, guesses follow from guesses.
      tokens[length + i] = tokens[next + i];
    }
    return drafts;
  }

  /** Forgets guesses. The last token is to be computed again if its scores were not used. */
  void dropDrafts() {
    drafts = 0;
    place.computed(Math.min(place.computed(), length - 1));
  }

  private void reserve(int needed) {
    if (needed > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.min(maxLength, Math.max(needed, 2 * length)));
    }
  }

  /** The output tokens, a copy. */
  public int[] output() {
    return Arrays.copyOfRange(tokens, prompt.length(), length);
  }

  HashedPrompt prompt() {
    return prompt;
  }

  int maxLength() {
    return maxLength;
  }

  boolean allows(Shortcut shortcut) {
    return shortcuts.contains(shortcut);
  }

  long arrival() {
    return arrival;
  }

  void arrived(long number) {
    arrival = number;
  }

  boolean olderThan(Sequence other) {
    return arrival < other.arrival;
  }

  /** Tokens whose keys and values are in the cache. */
  int computed() {
    return place == null ? 0 : place.computed();
  }

  Place place() {
    return place;
  }

  void place(Place where) {
    place = where;
  }

  /** Tokens that it has slots for. */
  int capacity() {
    return place.capacity();
  }
}
