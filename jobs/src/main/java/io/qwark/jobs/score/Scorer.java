package io.qwark.jobs.score;

import java.io.Serializable;

/** Judges one sample against its expected answer. Stateless; called from many threads. */
@FunctionalInterface
public interface Scorer extends Serializable {
  /**
   * @param expectedAnswer as the data set has it; null or malformed gives {@link Verdict#UNSCORED}
   * @param text a sample that was generated (a failed one has {@link Score#failed})
   * @return never null; text of any kind gives a verdict, not an exception
   */
  Score score(String expectedAnswer, GeneratedText text);
}
