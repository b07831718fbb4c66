package io.qwark.jobs.data;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.Nearest;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with {@code {column}} placeholders. A doubled brace stands for a single one, and a brace
 * that opens no column's name, as in {@code \boxed{}} or {@code {"a": 1}}, stands for itself.
 */
public final class PromptTemplate implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Pattern PIECE =
      Pattern.compile("\\{\\{|}}|\\{(?<name>[\\p{L}_][\\p{L}\\p{N}_ .-]*)}");

  /** Literal text at even places, columns' names at odd ones. */
  private final ArrayList<String> parts;

  private PromptTemplate(ArrayList<String> parts) {
    this.parts = parts;
  }

  public static PromptTemplate parse(String text) {
    ArrayList<String> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher matcher = PIECE.matcher(text);
    int from = 0;
    while (matcher.find()) {
      literal.append(text, from, matcher.start());
      from = matcher.end();
      if (matcher.group("name") == null) {
        literal.append(matcher.group().charAt(0));
      } else {
        parts.add(literal.toString());
        parts.add(matcher.group("name"));
        literal.setLength(0);
      }
    }
    parts.add(literal.append(text.substring(from)).toString());
    return new PromptTemplate(parts);
  }

  /** A column's text as it is. */
  public static PromptTemplate ofColumn(String column) {
    return new PromptTemplate(new ArrayList<>(List.of("", column, "")));
  }

  /** The columns it uses, in order of their first use. */
  public List<String> columns() {
    List<String> columns = new ArrayList<>();
    for (int i = 1; i < parts.size(); i += 2) {
      if (!columns.contains(parts.get(i))) {
        columns.add(parts.get(i));
      }
    }
    return columns;
  }

  /**
   * @throws UserException if a placeholder is not one of the columns
   */
  public void requireColumns(Collection<String> there) {
    for (String column : columns()) {
      if (!there.contains(column)) {
        throw new UserException(
            "Cannot fill the placeholder {" + column + "} of the prompt template",
            "there is no such column",
            Nearest.suggestion(column, there) + "; for the text itself write {{" + column + "}}");
      }
    }
  }

  /** Fills in the columns. The text of a column is not searched for placeholders. */
  public String render(UnaryOperator<String> columns) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      text.append(i % 2 == 0 ? parts.get(i) : columns.apply(parts.get(i)));
    }
    return text.toString();
  }
}
