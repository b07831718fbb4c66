package io.qwark.jobs.score;

import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the written forms of one integer, exactly: {@code 033}, {@code 1{,}234}, {@code +7}, {@code
 * $42$}, {@code \text{42}}, {@code 42.0}, {@code x = 42}, {@code 70^\circ}, {@code \$18}, {@code
 * 42\text{ cm}}. Nothing is rounded, scaled or evaluated: {@code 42.5}, {@code 84/2} and {@code
 * 4e1} are no integers here. A unit or a percent sign is dropped without conversion.
 */
final class IntegerForm {
  /** Longest text that is looked at, which bounds the size of the number too. */
  static final int MAX_CHARS = 4_096;

  private static final String SIGN = "[+\\-\u2212\u2013]";

  /** Digits, plain or in groups of three with one kind of separator, then perhaps zeros only. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "(" + SIGN + "?) ?(\\d++|\\d{1,3}(?:,\\d{3})++|\\d{1,3}(?: \\d{3})++)(?:\\.0*+)?");

  private static final Pattern WRAPPER =
      Pattern.compile(
          "\\\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mathtt|boldsymbol|bm|mbox"
              + "|boxed|fbox|displaystyle) ?\\{(.*)}",
          Pattern.DOTALL);

  /** A unit behind the number. Words that scale it, and constants, are no units. */
  private static final Pattern UNIT =
      Pattern.compile(
          "(?<=\\d)\\.? ?(?:\\^ ?\\{? ?\\\\circ ?}?|\\u00b0|\\\\degree|\\\\?%"
              + "|\\\\(?:text|textrm|mathrm|mbox) ?\\{"
              + "(?!\\W*(?:hundred|thousand|million|billion|trillion|dozen|pi|[ei])\\W)"
              + "[ .]*\\p{L}[\\p{L} .]*}(?:\\^ ?\\{?[23]}?)?)$");

  private static final Pattern CURRENCY = Pattern.compile("^(" + SIGN + "?) ?\\\\?\\$ ?(?=\\d)");

  /** A name, or a sum of names, that the number is the value of: {@code x =}, {@code m+n =}. */
  private static final Pattern NAMED =
      Pattern.compile("^[A-Za-z](?:_\\{?\\w{1,8}}?)?(?: ?[+\\-] ?[A-Za-z]){0,8} ?= ?");

  private static final Pattern SPACES =
      Pattern.compile("(?:\\\\[,;: ]|\\\\q?quad\\b|[\\s\u00a0\u2009\u202f~])++");

  private IntegerForm() {}

  /** The integer that the whole text writes, or empty if it writes anything else. */
  static Optional<BigInteger> parse(String text) {
    if (text == null || text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    String bare = unwrap(spaced(text));
    bare = NAMED.matcher(bare).replaceFirst("");
    bare = unwrap(UNIT.matcher(unwrap(bare)).replaceFirst(""));
    bare = CURRENCY.matcher(bare).replaceFirst("$1");
    Matcher matcher = NUMBER.matcher(bare);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigInteger magnitude = new BigInteger(matcher.group(2).replace(",", "").replace(" ", ""));
    boolean isNegative = !matcher.group(1).isEmpty() && !matcher.group(1).equals("+");
    return Optional.of(isNegative ? magnitude.negate() : magnitude);
  }

  /** One ordinary space for every kind of white space, LaTeX's included; {@code {,}} as a comma. */
  private static String spaced(String text) {
    String plain = text.replace("\\!", "").replace("{,}", ",");
    return SPACES.matcher(plain).replaceAll(" ").strip();
  }

  /** Peels full stops, dollar signs, brackets, emphasis and text commands that enclose it all. */
  private static String unwrap(String text) {
    String inner = text;
    String before;
    do {
      before = inner;
      inner = peel(inner, "\\(", "\\)");
      inner = peel(inner, "\\[", "\\]");
      inner = peel(inner, "$", "$");
      inner = peel(inner, "**", "**");
      inner = peel(inner, "`", "`");
      inner = peel(inner, "{", "}");
      inner = peel(inner, "(", ")");
      Matcher wrapper = WRAPPER.matcher(inner);
      inner = wrapper.matches() ? wrapper.group(1).strip() : inner;
      if (inner.endsWith(".")) {
        inner = inner.substring(0, inner.length() - 1).strip();
      }
    } while (!inner.equals(before));
    return inner;
  }

  private static String peel(String text, String opening, String closing) {
    boolean isEnclosed =
        text.length() > opening.length() + closing.length()
            && text.startsWith(opening)
            && text.endsWith(closing);
    return isEnclosed
        ? text.substring(opening.length(), text.length() - closing.length()).strip()
        : text;
  }
}
