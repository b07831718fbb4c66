package io.qwark.udf;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/** Batches to rows; empty batches vanish. */
final class FlatteningIterator implements Iterator<Row> {
  private final Iterator<List<Row>> batches;
  private Iterator<Row> current = Collections.emptyIterator();

  FlatteningIterator(Iterator<List<Row>> batches) {
    this.batches = batches;
  }

  @Override
  public boolean hasNext() {
    while (!current.hasNext()) {
      if (!batches.hasNext()) {
        return false;
      }
      current = batches.next().iterator();
    }
    return true;
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return current.next();
  }
}
