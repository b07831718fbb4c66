package io.qwark.engine.checkpoint;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions out of a model's files, matched with a bounded effort: one that would take
 * too long, as anybody can write it, is an error.
 */
final class NamePatterns {
  /** Characters that all matches together may look at; a real model needs less than a hundredth. */
  private static final long BUDGET = 10_000_000;

  private static final int LONGEST = 1000;

  private final Path file;
  private long budget = BUDGET;

  NamePatterns(Path file) {
    this.file = file;
  }

  /**
   * @throws UserException if the expression is damaged or too long
   */
  Pattern compile(String expression) {
    if (expression.length() > LONGEST) {
      throw refused(expression, "it is longer than " + LONGEST + " characters", null);
    }
    try {
      return Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw refused(expression, "it is not a regular expression", e);
    }
  }

  /** Whether the name begins with a match, as Python's {@code re.match} tells. */
  boolean begins(Pattern pattern, String name) {
    return with(pattern, name, false);
  }

  /** Whether the whole name is a match. */
  boolean matches(Pattern pattern, String name) {
    return with(pattern, name, true);
  }

  private boolean with(Pattern pattern, String name, boolean whole) {
    if (name.length() > LONGEST) {
      return false;
    }
    try {
      var matcher = pattern.matcher(new Counted(pattern, name, 0, name.length()));
      return whole ? matcher.matches() : matcher.lookingAt();
    } catch (StackOverflowError e) {
      throw refused(pattern.pattern(), "it is too complicated", e);
    }
  }

  private UserException refused(String expression, String reason, Throwable cause) {
    return Errors.damaged(
        file, "it gives the pattern " + Errors.shown(expression) + ", and " + reason, cause);
  }

  /** A name that counts how often it is looked at. */
  private final class Counted implements CharSequence {
    private final Pattern pattern;
    private final String name;
    private final int start;
    private final int end;

    Counted(Pattern pattern, String name, int start, int end) {
      this.pattern = pattern;
      this.name = name;
      this.start = start;
      this.end = end;
    }

    @Override
    public int length() {
      return end - start;
    }

    @Override
    public char charAt(int index) {
      if (--budget < 0) {
        throw refused(pattern.pattern(), "it takes too long to match", null);
      }
      return name.charAt(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Counted(pattern, name, start + from, start + to);
    }

    @Override
    public String toString() {
      return name.substring(start, end);
    }
  }
}
