package io.qwark.jobs.score;

import java.math.BigInteger;
import java.util.Optional;

/**
 * Scores answers that are one integer, as AIME, HMMT and GSM8K have them.
 *
 * <p>The candidate is the content of the last closed {@code \boxed{}} or {@code \fbox{}}; else the
 * last stated final answer ("final answer is 42", "Answer: 42", "#### 42"); else, with a warning in
 * the explanation, the last integer of the text. Only the answer part is read, never reasoning.
 * Text from an unclosed box on, and a number that ends where the token limit cut the text, are left
 * out: digits may be missing. Integers are compared exactly, at any size; a boxed candidate that is
 * no integer is incorrect.
 *
 * <p>Limits: {@value #MAX_TEXT_CHARS} characters of answer, {@value IntegerForm#MAX_CHARS} of
 * candidate, {@value #MAX_NESTING} levels of braces; beyond them a sample is unscored.
 */
final class BoxedInteger implements Scorer {
  private static final long serialVersionUID = 1L;

  static final String NAME = "boxed_integer";
  static final int MAX_TEXT_CHARS = 1_000_000;
  static final int MAX_NESTING = 64;
  private static final int MAX_QUOTED = 80;

  @Override
  public Score score(String expectedAnswer, GeneratedText text) {
    Optional<BigInteger> expected = IntegerForm.parse(expectedAnswer);
    if (expected.isEmpty()) {
      return Score.unscored(
          expectedAnswer == null
              ? "The row has no expected answer."
              : "The expected answer " + quoted(expectedAnswer) + " is not an integer.");
    }
    String cutOff = text.isCutOff() ? " Generation was cut off at its token limit." : "";
    FinalPart part = FinalPart.of(text);
    if (part.answer() == null) {
      return Score.noAnswer(part.problem() + cutOff);
    }
    if (part.answer().length() > MAX_TEXT_CHARS) {
      return Score.unscored(
          "The answer is longer than " + MAX_TEXT_CHARS + " characters." + cutOff);
    }
    Candidate candidate = candidate(part.answer(), text.isCutOff());
    if (candidate == null) {
      return Score.noAnswer("No box, stated final answer or integer in the answer." + cutOff);
    }
    if (candidate.text().length() > IntegerForm.MAX_CHARS
        || Boxes.depth(candidate.text()) > MAX_NESTING) {
      return Score.unscored(
          ("The candidate from %s is longer than %d characters or nested deeper than %d levels."
                  .formatted(candidate.source(), IntegerForm.MAX_CHARS, MAX_NESTING))
              + cutOff);
    }
    Score score = compare(expected.get(), candidate);
    return new Score(score.verdict(), score.extractedAnswer(), score.explanation() + cutOff);
  }

  private static Score compare(BigInteger expected, Candidate candidate) {
    String warning =
        candidate.isGuess() ? "Warning: nothing marks a final answer, so this is a guess. " : "";
    String read = warning + "Read " + quoted(candidate.text()) + " from " + candidate.source();
    Optional<BigInteger> found = IntegerForm.parse(candidate.text());
    if (found.isEmpty()) {
      return new Score(
          Verdict.INCORRECT, candidate.text().strip(), read + ", which is not an integer.");
    }
    String canonical = found.get().toString();
    return found.get().equals(expected)
        ? new Score(Verdict.CORRECT, canonical, read + ".")
        : new Score(
            Verdict.INCORRECT, canonical, read + "; expected " + quoted(expected.toString()) + ".");
  }

  /** The piece of text to compare, or null if there is none. */
  private static Candidate candidate(String answer, boolean isCutOff) {
    Boxes boxes = Boxes.find(answer);
    if (boxes.last() != null) {
      return new Candidate(boxes.last(), "the last box", false);
    }
    String whole = boxes.unclosedAt() < 0 ? answer : answer.substring(0, boxes.unclosedAt());
    if (isCutOff) {
      whole = withoutLastWord(whole);
    }
    Candidate stated = PlainNumbers.stated(whole);
    return stated != null ? stated : PlainNumbers.lastInteger(whole);
  }

  private static String withoutLastWord(String text) {
    int end = text.length();
    while (end > 0 && !Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  private static String quoted(String text) {
    String oneLine = text.strip().replaceAll("\\s+", " ");
    return oneLine.length() <= MAX_QUOTED
        ? "'" + oneLine + "'"
        : "'" + oneLine.substring(0, MAX_QUOTED) + "…'";
  }
}
