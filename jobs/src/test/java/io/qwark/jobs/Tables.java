package io.qwark.jobs;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** Reads and writes tables beside the jobs, which start and stop Spark themselves. */
final class Tables {
  private Tables() {}

  static <T> T with(Function<SparkSession, T> work) {
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate();
    try {
      return work.apply(spark);
    } finally {
      spark.stop();
    }
  }

  static List<Row> parquet(Path path, String... order) {
    return with(spark -> ordered(spark.read().parquet(path.toString()), order));
  }

  static List<Row> json(Path path, String... order) {
    return with(spark -> ordered(spark.read().json(path.toString()), order));
  }

  private static List<Row> ordered(Dataset<Row> table, String... order) {
    return table
        .orderBy(
            Arrays.stream(order).map(functions::col).toArray(org.apache.spark.sql.Column[]::new))
        .collectAsList();
  }
}
