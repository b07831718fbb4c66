package io.qwark.jobs.score;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The boxed parts of a LaTeX text, found in one pass over it.
 *
 * @param last content of the box that opens last among those that are closed and not blank, or null
 * @param unclosedAt where a box opens that is never closed (text was cut inside it), or -1
 */
record Boxes(String last, int unclosedAt) {
  private static final String[] COMMANDS = {"\\boxed", "\\fbox"};

  /** An open brace; {@code box} is where its box command begins, or -1 for a plain brace. */
  private record Brace(int at, int box) {}

  static Boxes find(String text) {
    Deque<Brace> open = new ArrayDeque<>();
    int lastStart = -1;
    int lastEnd = -1;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '\\') {
        int brace = braceOfBox(text, i);
        if (brace >= 0) {
          open.push(new Brace(brace, i));
          i = brace + 1;
        } else {
          i += isEscapedBrace(text, i) ? 2 : 1;
        }
        continue;
      }
      if (c == '{') {
        open.push(new Brace(i, -1));
      } else if (c == '}' && !open.isEmpty()) {
        Brace brace = open.pop();
        boolean isLater = brace.box >= 0 && brace.at + 1 > lastStart;
        if (isLater && !text.substring(brace.at + 1, i).isBlank()) {
          lastStart = brace.at + 1;
          lastEnd = i;
        }
      }
      i++;
    }
    int unclosedAt = -1;
    for (Brace brace : open) { // innermost first, so the outermost open box is met last
      unclosedAt = brace.box >= 0 ? brace.box : unclosedAt;
    }
    return new Boxes(lastStart < 0 ? null : text.substring(lastStart, lastEnd), unclosedAt);
  }

  /** Deepest nesting of unescaped braces. */
  static int depth(String text) {
    int depth = 0;
    int deepest = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && isEscapedBrace(text, i)) {
        i++;
      } else if (c == '{') {
        deepest = Math.max(deepest, ++depth);
      } else if (c == '}') {
        depth--;
      }
    }
    return deepest;
  }

  /** Index of the brace that a box command at {@code at} opens, or -1. */
  private static int braceOfBox(String text, int at) {
    for (String command : COMMANDS) {
      if (text.startsWith(command, at)) {
        int brace = at + command.length();
        while (brace < text.length() && text.charAt(brace) == ' ') {
          brace++;
        }
        return brace < text.length() && text.charAt(brace) == '{' ? brace : -1;
      }
    }
    return -1;
  }

  private static boolean isEscapedBrace(String text, int at) {
    return at + 1 < text.length() && (text.charAt(at + 1) == '{' || text.charAt(at + 1) == '}');
  }
}
