package io.qwark.jobs.data;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.Nearest;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;

/**
 * What is in a source, found before a model is loaded.
 *
 * @param columns names that occur in any good row, sorted
 * @param examples of what is wrong with bad rows, a few
 */
record Survey(long rows, long bad, TreeSet<String> columns, ArrayList<String> examples)
    implements Serializable {
  private static final int EXAMPLES = 3;

  /** More names than any table has: rows with arbitrary keys must not fill the driver's memory. */
  private static final int COLUMNS = 10_000;

  static Survey of(JavaRDD<InputRow> rows) {
    List<Survey> parts = rows.mapPartitions(part -> List.of(of(part)).iterator()).collect();
    Survey all = new Survey(0, 0, new TreeSet<>(), new ArrayList<>());
    for (Survey part : parts) {
      all = all.plus(part);
    }
    return all;
  }

  private static Survey of(Iterator<InputRow> part) {
    long rows = 0;
    long bad = 0;
    TreeSet<String> columns = new TreeSet<>();
    ArrayList<String> examples = new ArrayList<>();
    while (part.hasNext()) {
      InputRow row = part.next();
      rows++;
      if (row.error() != null) {
        bad++;
        add(examples, row.error());
      } else if (columns.size() < COLUMNS) {
        JsonRows.parse(row.json()).fieldNames().forEachRemaining(columns::add);
      }
    }
    return new Survey(rows, bad, columns, examples);
  }

  private Survey plus(Survey other) {
    TreeSet<String> names = new TreeSet<>(columns);
    names.addAll(other.columns);
    ArrayList<String> some = new ArrayList<>(examples);
    other.examples.forEach(example -> add(some, example));
    return new Survey(rows + other.rows, bad + other.bad, names, some);
  }

  private static void add(List<String> examples, String example) {
    if (examples.size() < EXAMPLES) {
      examples.add(example);
    }
  }

  /**
   * @throws UserException if there is no row, or no good one
   */
  void requireRows(String path) {
    if (rows == 0) {
      throw new UserException(
          "Cannot start with " + path, "it has no rows", "Give a path with at least one row");
    }
    if (bad == rows) {
      throw new UserException(
          "Cannot start with " + path,
          "none of its " + rows + " rows can be read; " + String.join("; ", examples),
          "Check the file, and that `format` is what it holds");
    }
  }

  /**
   * @param key the configuration's key that names the column
   * @throws UserException if no row has the column
   */
  void requireColumn(String key, String column, String path) {
    if (!columns.contains(column)) {
      throw new UserException(
          "Cannot find the column `" + column + "` (`" + key + "`) in " + path,
          "its columns are " + String.join(", ", columns),
          Nearest.to(column, columns)
              .map(c -> "Set `" + key + "` to `" + c + "` if that is meant")
              .orElse("Set `" + key + "` to one of them"));
    }
  }
}
