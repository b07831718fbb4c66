package io.qwark.udf;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Text generation over tables. */
public final class Inference {

  // A larger batch would have to be full before its first prompt reaches the model.
  private static final int ROWS_AT_A_TIME = 1;

  private Inference() {}

  /**
   * Adds a struct column {@link GenerationSchema#COLUMN} of {@link GenerationSchema#TYPE}: {@code
   * n} rows out for each row in, with {@code sample_index} 0 to n-1. What is wrong with one row, or
   * goes wrong with one sample, is told in its rows, and all others go on.
   *
   * <p>Lazy. Each executor loads one replica for each device, at the first task that has a good
   * row; all tasks share it, and each keeps a bounded number of samples under way. Rows come out as
   * they finish, so their order within a partition is unspecified; their content depends on prompt,
   * sample index and seed alone. A task that is killed cancels what it has under way.
   *
   * @param metrics counts what this table's computation does; from {@link
   *     InferenceMetrics#register}
   * @throws UserException if columns, sampling parameters or Spark's settings about GPUs are
   *     unusable. What only an executor can see, such as an unreadable model, fails the Spark
   *     action instead: see {@link SparkErrors#userException}
   */
  public static Dataset<Row> generate(
      Dataset<Row> rows, ModelFactory factory, InferenceOptions options, InferenceMetrics metrics) {
    return generate(rows, factory, options, metrics, null);
  }

  /**
   * The same, with resources for the stage that generates. Spark's stages end at a shuffle: what
   * comes before the last one in {@code rows} does not run on the stage's resources, and what
   * follows up to the next one does.
   *
   * @param stage its resources, or null for those of the application
   * @throws UserException also if {@code stage} does not fit the application
   */
  public static Dataset<Row> generate(
      Dataset<Row> rows,
      ModelFactory factory,
      InferenceOptions options,
      InferenceMetrics metrics,
      GpuStage stage) {
    Objects.requireNonNull(factory);
    Objects.requireNonNull(metrics);
    // Only for the range checks: the model's own defaults are filled in where the model is.
    options.sampling().resolve(GenerationDefaults.none(List.of()));
    PromptReader reader = PromptColumns.reader(rows.schema(), options);
    StructType out = withGeneration(rows.schema());
    SparkContext spark = rows.sparkSession().sparkContext();
    GpuSettings.check(spark.conf(), stage);
    DriverListener.watch(spark);
    GenerateFunction function =
        new GenerateFunction(reader, factory, options, metrics, Placements.driverGpu(spark), stage);
    ResourceProfile resources = stage == null ? null : stage.profile(spark.conf());
    return Batches.map(rows, out, ROWS_AT_A_TIME, function, resources);
  }

  private static StructType withGeneration(StructType schema) {
    if (Arrays.stream(schema.fields()).anyMatch(Inference::isTaken)) {
      throw new UserException(
          "Cannot add the column `" + GenerationSchema.COLUMN + "`",
          "the table already has a column of that name",
          "Rename or drop it");
    }
    return schema.add(GenerationSchema.COLUMN, GenerationSchema.TYPE, false);
  }

  // Spark, too, does not tell upper from lower case in column names.
  private static boolean isTaken(StructField field) {
    return field.name().equalsIgnoreCase(GenerationSchema.COLUMN);
  }
}
