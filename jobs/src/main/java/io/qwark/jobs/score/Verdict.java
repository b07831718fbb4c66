package io.qwark.jobs.score;

/**
 * What became of one sample. The five are never folded into one another: only {@link #INCORRECT}
 * says that the model answered and was wrong.
 */
public enum Verdict {
  /** The extracted answer equals the expected one. */
  CORRECT("correct"),
  /** An answer was extracted and it differs from the expected one. */
  INCORRECT("incorrect"),
  /** The model wrote text without an answer in it, or never closed its reasoning. */
  NO_ANSWER("no_answer"),
  /** The sample could not be judged: no usable expected answer, a limit, a failing scorer. */
  UNSCORED("unscored"),
  /** Nothing was generated: the row or the engine failed. */
  FAILED("failed");

  private final String wireName;

  Verdict(String wireName) {
    this.wireName = wireName;
  }

  /** The name in result files. */
  public String wireName() {
    return wireName;
  }

  /**
   * The verdict of that wire name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Verdict ofWireName(String wireName) {
    for (Verdict verdict : values()) {
      if (verdict.wireName.equals(wireName)) {
        return verdict;
      }
    }
    throw new IllegalArgumentException("Not a verdict: " + wireName);
  }
}
