package io.qwark.udf;

import io.qwark.engine.api.UserException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/** The vectorized operator: batches of rows in, batches of rows out, partition by partition. */
public final class Batches {

  private Batches() {}

  /**
   * Applies a function to the batches of each partition. Lazy and streaming: at most one batch of
   * input and one of output are held beside what the function keeps.
   *
   * @param out schema of the rows that the function returns
   * @param batchSize most rows of a batch, at least 1; a partition's last batch may be smaller
   * @throws UserException if {@code batchSize} is less than 1
   */
  public static Dataset<Row> map(
      Dataset<Row> rows, StructType out, int batchSize, BatchFunction function) {
    if (batchSize < 1) {
      throw new UserException(
          "Cannot map batches of " + batchSize + " rows",
          "a batch has at least one row",
          "Choose a batch size of 1 or more");
    }
    return rows.mapPartitions(new MapBatches(batchSize, function), Encoders.row(out));
  }

  /**
   * The same with resources for the stage.
   *
   * @param resources or null for those of the application
   */
  static Dataset<Row> map(
      Dataset<Row> rows,
      StructType out,
      int batchSize,
      BatchFunction function,
      ResourceProfile resources) {
    if (resources == null) {
      return map(rows, out, batchSize, function);
    }
    // Spark's tables know nothing of resources; what lies below them does.
    JavaRDD<Row> mapped = rows.javaRDD().mapPartitions(new MapBatches(batchSize, function));
    return rows.sparkSession().createDataFrame(mapped.withResources(resources), out);
  }

  /** What Spark calls in each task. */
  private record MapBatches(int batchSize, BatchFunction function)
      implements MapPartitionsFunction<Row, Row>, FlatMapFunction<Iterator<Row>, Row> {
    MapBatches {
      Objects.requireNonNull(function);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) throws Exception {
      Iterator<List<Row>> result = function.apply(new GroupingIterator(rows, batchSize));
      if (result instanceof AutoCloseable closeable) {
        TaskCompletionListener close = context -> closeQuietly(closeable);
        TaskContext.get().addTaskCompletionListener(close);
      }
      return new FlatteningIterator(result);
    }

    private static void closeQuietly(AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("Cannot close the result of a batch function", e);
      }
    }
  }
}
