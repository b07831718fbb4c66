package io.qwark.engine.schedule;

/**
 * Where a sequence lies in the cache and how many of its tokens are there. It outlives the sequence
 * where the beginning of its prompt is kept.
 */
final class Place {
  private HashedPrompt prompt;
  private Extent extent;
  private int computed;

  /**
   * @param computed tokens whose keys and values are there already
   */
  Place(HashedPrompt prompt, Extent extent, int computed) {
    this.prompt = prompt;
    this.extent = extent;
    this.computed = computed;
  }

  HashedPrompt prompt() {
    return prompt;
  }

  Extent extent() {
    return extent;
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

  void moveTo(Extent where) {
    extent = where;
  }

  /** From now on it is the place of so many tokens of the prompt, and of nothing else. */
  void shrinkTo(int tokens, Extent where) {
    prompt = prompt.head(tokens);
    computed = tokens;
    extent = where;
  }
}
