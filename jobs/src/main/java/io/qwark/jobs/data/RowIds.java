package io.qwark.jobs.data;

/** Ids of rows that have none of their own. */
final class RowIds {
  private RowIds() {}

  /** The row's number; for a bad row one that cannot be mistaken for an id of the data. */
  static String numbered(InputRow row) {
    return row.error() == null ? Long.toString(row.number()) : fallback(row);
  }

  static String fallback(InputRow row) {
    return "#" + row.number();
  }
}
