package io.qwark.udf;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Turns the batches of one partition into other batches; the shape of pandas' {@code mapInPandas}.
 * Is serialized to executors, where each task calls {@link #apply} once, on its own copy.
 */
@FunctionalInterface
public interface BatchFunction extends Serializable {

  /**
   * Called on the task's thread, as are both iterators. The number of rows and batches out is free
   * and has nothing to do with those that came in; nothing is computed before the result is asked
   * for its next batch. If the result is {@link AutoCloseable} it is closed when the task ends,
   * however it ends, also where its consumer stopped early.
   *
   * @param batches lists of at least one row, each new and owned by the callee; rows are immutable
   * @return lists of rows in the declared result schema; not null, no list in it null, empty lists
   *     allowed
   */
  Iterator<List<Row>> apply(Iterator<List<Row>> batches) throws Exception;
}
