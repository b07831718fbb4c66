package io.qwark.engine.schedule;

/** What may be done to save a sequence work. */
public enum Shortcut {
  /**
   * Copying keys and values of the prompt's beginning. Its tokens then have no scores, so it is not
   * for those who ask for them.
   */
  PREFIX_REUSE
}
