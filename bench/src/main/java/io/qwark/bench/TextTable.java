package io.qwark.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Aligned columns for the terminal: the first to the left, the others to the right. */
public final class TextTable {
  private final List<String[]> rows = new ArrayList<>();

  public TextTable(String... heads) {
    rows.add(heads);
  }

  public void row(String... cells) {
    rows.add(cells);
  }

  @Override
  public String toString() {
    int columns = rows.get(0).length;
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], row[c].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        char[] gap = new char[widths[c] - row[c].length()];
        Arrays.fill(gap, ' ');
        line.append(c == 0 ? row[c] : "  ").append(gap).append(c == 0 ? "" : row[c]);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
