package io.qwark.udf;

import io.qwark.engine.api.Prompt;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;

/** Each row {@code n} times, read once. */
final class SampleIterator implements Iterator<Sample> {
  private final Iterator<Row> rows;
  private final PromptReader reader;
  private final int n;
  private final LongAccumulator rowsRead;

  private Row row;
  private Prompt prompt;
  private BadRowException badRow;
  private int nextIndex;

  SampleIterator(Iterator<Row> rows, PromptReader reader, int n, LongAccumulator rowsRead) {
    this.rows = rows;
    this.reader = reader;
    this.n = n;
    this.rowsRead = rowsRead;
    this.nextIndex = n;
  }

  @Override
  public boolean hasNext() {
    return nextIndex < n || rows.hasNext();
  }

  @Override
  public Sample next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (nextIndex == n) {
      read(rows.next());
    }
    return new Sample(row, nextIndex++, prompt, badRow);
  }

  private void read(Row next) {
    row = next;
    prompt = null;
    badRow = null;
    nextIndex = 0;
    rowsRead.add(1L);
    try {
      prompt = reader.read(next);
    } catch (BadRowException e) {
      badRow = e;
    }
  }
}
