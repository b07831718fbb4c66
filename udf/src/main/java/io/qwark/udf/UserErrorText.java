package io.qwark.udf;

import io.qwark.engine.api.UserException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@link UserException} as lines of text, which are found again amid stack traces. */
final class UserErrorText {
  private static final String HEAD = "[qwark user error]";

  // Spark may go on behind a message on the same line.
  private static final String END = "[end]";

  private static final Pattern LINES =
      Pattern.compile(
          Pattern.quote(HEAD) + "\\R\\s*problem: (.*)\\R\\s*reason: (.*)\\R\\s*remedy: (.*)");

  private UserErrorText() {}

  static String format(UserException mistake) {
    return HEAD
        + "\n  problem: "
        + escape(mistake.problem())
        + "\n  reason: "
        + escape(mistake.reason())
        + "\n  remedy: "
        + escape(mistake.remedy())
        + "\n"
        + END;
  }

  /** The first one in a text. */
  static Optional<UserException> find(String text) {
    Matcher lines = LINES.matcher(text);
    return lines.find()
        ? Optional.of(
            new UserException(
                unescape(lines.group(1)), unescape(lines.group(2)), unescape(lines.group(3))))
        : Optional.empty();
  }

  // Everything that \R or . takes for the end of a line.
  private static String escape(String part) {
    StringBuilder line = new StringBuilder(part.length());
    for (char c : part.toCharArray()) {
      boolean escaped = c == '\\' || c < ' ' || c == '\u0085' || c == '\u2028' || c == '\u2029';
      line.append(escaped ? String.format("\\u%04x", (int) c) : c);
    }
    return line.toString();
  }

  private static String unescape(String line) {
    StringBuilder part = new StringBuilder(line.length());
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '\\') {
        part.append((char) Integer.parseInt(line, i + 2, i + 6, 16));
        i += 5;
      } else {
        part.append(line.charAt(i));
      }
    }
    return part.toString();
  }
}
