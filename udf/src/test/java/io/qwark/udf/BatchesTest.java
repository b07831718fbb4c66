package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.UserException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final StructType SUMS =
      new StructType().add("rows", DataTypes.IntegerType).add("sum", DataTypes.LongType);
  private static final AtomicInteger CLOSED = new AtomicInteger();
  private static final AtomicInteger READ = new AtomicInteger();

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Sums each batch, and says nothing of a batch that begins with 6. */
  private record Summing(Iterator<List<Row>> batches)
      implements Iterator<List<Row>>, AutoCloseable {
    @Override
    public boolean hasNext() {
      return batches.hasNext();
    }

    @Override
    public List<Row> next() {
      List<Row> batch = batches.next();
      READ.addAndGet(batch.size());
      long sum = batch.stream().mapToLong(row -> row.getLong(0)).sum();
      return batch.get(0).getLong(0) == 6
          ? new ArrayList<>()
          : List.of(RowFactory.create(batch.size(), sum));
    }

    @Override
    public void close() {
      CLOSED.incrementAndGet();
    }
  }

  @Test
  void aPartitionComesInBatchesAndItsLastMayBeSmaller() {
    Dataset<Row> numbers = spark.range(0, 10, 1, 1).toDF("n");
    Dataset<Row> sums = Batches.map(numbers, SUMS, 3, Summing::new);

    assertEquals(SUMS, sums.schema());
    // 0+1+2, 3+4+5, nothing for 6+7+8, and 9 alone.
    assertEquals("[[3,3], [3,12], [1,9]]", sums.collectAsList().toString());
  }

  @Test
  void batchesDoNotSpanPartitionsAndAnEmptyOneHasNone() {
    Dataset<Row> numbers = spark.range(0, 2, 1, 3).toDF("n");
    List<Row> sums = Batches.map(numbers, SUMS, 10, Summing::new).collectAsList();
    assertEquals("[[1,0], [1,1]]", sums.toString());
  }

  @Test
  void onlyWhatIsAskedForIsReadAndTheResultIsClosed() {
    CLOSED.set(0);
    READ.set(0);
    Dataset<Row> numbers = spark.range(0, 1000, 1, 1).toDF("n");
    assertEquals(1, Batches.map(numbers, SUMS, 2, Summing::new).limit(1).collectAsList().size());
    assertEquals(2, READ.get());
    assertEquals(1, CLOSED.get());
  }

  @Test
  void aBatchHasAtLeastOneRow() {
    Dataset<Row> numbers = spark.range(1).toDF("n");
    assertThrows(UserException.class, () -> Batches.map(numbers, SUMS, 0, Summing::new));
  }
}
