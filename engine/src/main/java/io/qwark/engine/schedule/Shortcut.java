package io.qwark.engine.schedule;

/** What may be done to save a sequence work. */
public enum Shortcut {
  /**
   * Using keys and values of the prompt's beginning that are there. Its tokens then have no scores,
   * so it is not for those who ask for them.
   */
  PREFIX_REUSE,

  /**
   * Guessing tokens ahead, so that a step can yield several. It is not for those whose scores
   * depend on the tokens before in other ways than through the model.
   */
  DRAFTS,

  /**
   * Decoding several tokens in one call of the model, which then samples by itself. It is not for
   * those who want more of the scores than the tokens that they lead to, or change them before.
   */
  STEPS_AHEAD
}
