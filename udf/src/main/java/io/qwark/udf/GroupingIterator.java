package io.qwark.udf;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/** Rows to batches. */
final class GroupingIterator implements Iterator<List<Row>> {
  private final Iterator<Row> rows;
  private final int size;

  GroupingIterator(Iterator<Row> rows, int size) {
    this.rows = rows;
    this.size = size;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public List<Row> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    List<Row> batch = new ArrayList<>(size);
    // The size first: a full batch must not wait for the row after it.
    while (batch.size() < size && rows.hasNext()) {
      batch.add(rows.next());
    }
    return batch;
  }
}
