package io.qwark.udf;

import io.qwark.engine.api.SamplingOptions;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Spark in the tests' own process, and small tables for it. */
final class LocalSpark {
  static final StructType PROMPTS =
      new StructType().add("id", DataTypes.IntegerType).add("prompt", DataTypes.StringType);

  private LocalSpark() {}

  static SparkSession start() {
    return builder().getOrCreate();
  }

  static SparkSession.Builder builder() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("udf tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.executor.heartbeatInterval", "1s");
  }

  static Dataset<Row> prompts(SparkSession spark, int partitions, String... prompts) {
    List<Row> rows =
        IntStream.range(0, prompts.length).mapToObj(i -> RowFactory.create(i, prompts[i])).toList();
    return spark.createDataFrame(rows, PROMPTS).repartition(partitions);
  }

  /** The last column of a result row. */
  static Row generation(Row row) {
    return row.getStruct(row.size() - 1);
  }

  static InferenceOptions options(int n, Integer maxInFlight) {
    return new InferenceOptions(
        "prompt", PromptForm.TEXT, null, null, SamplingOptions.unset(), n, maxInFlight);
  }
}
