package io.qwark.jobs.score;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds final answers in prose, where no box holds one. */
final class PlainNumbers {
  /** A numeral with its thousands separators, decimals and what would make it a fraction. */
  private static final String NUMERAL =
      "[+\\-\u2212]?\\d(?:\\d|,(?=\\d{3})|\\{,}(?=\\d{3})|\\.(?=\\d))*+(?:/\\d++)?+";

  /** "final answer is", "**Answer:**", "answer =", and GSM8K's "####", before a numeral. */
  private static final Pattern STATED =
      Pattern.compile(
          "(?:\\banswer[*_]{0,3}\\s{0,4}(?:is|:|=)[*_]{0,3}:?|####)"
              + "[\\s*_`(\\[{]{0,8}(?:\\\\[(\\[])?\\s{0,4}\\\\?\\$?\\s{0,4}("
              + NUMERAL
              + ")",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern ANY = Pattern.compile(NUMERAL);

  /** The numerals that write an integer; cheaper than reading each of a million of them. */
  private static final Pattern INTEGER =
      Pattern.compile("[+\\-\u2212]?(?:\\d++|\\d{1,3}(?:(?:,|\\{,})\\d{3})++)(?:\\.0++)?");

  private PlainNumbers() {}

  /** The numeral of the last stated final answer, or null. */
  static Candidate stated(String text) {
    Candidate last = null;
    Matcher matcher = STATED.matcher(text);
    while (matcher.find()) {
      last = new Candidate(matcher.group(1), "the stated final answer", false);
    }
    return last;
  }

  /** The last numeral that writes an integer and stands by itself (not in x2 or 3.5), or null. */
  static Candidate lastInteger(String text) {
    Candidate last = null;
    Matcher matcher = ANY.matcher(text);
    while (matcher.find()) {
      String numeral = withoutOperator(text, matcher.start(), matcher.group());
      boolean isPartOfWord =
          numeral.length() == matcher.group().length()
              && matcher.start() > 0
              && isWordPart(text.charAt(matcher.start() - 1));
      boolean runsOn = matcher.end() < text.length() && isWordPart(text.charAt(matcher.end()));
      if (!isPartOfWord && !runsOn && INTEGER.matcher(numeral).matches()) {
        last = new Candidate(numeral, "the last integer of the text", true);
      }
    }
    return last;
  }

  /** A sign right behind an operand is an operator: 10-5 ends in 5, not in -5. */
  private static String withoutOperator(String text, int at, String numeral) {
    boolean isSigned = !Character.isDigit(numeral.charAt(0));
    boolean followsOperand =
        at > 0 && (isWordPart(text.charAt(at - 1)) || ")]}".indexOf(text.charAt(at - 1)) >= 0);
    return isSigned && followsOperand ? numeral.substring(1) : numeral;
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }
}
