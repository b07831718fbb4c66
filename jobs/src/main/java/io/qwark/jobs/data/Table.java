package io.qwark.jobs.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.Nearest;
import io.qwark.jobs.config.TableConfig;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Any table with its columns' types, and a prompt for each of its rows. */
public final class Table {
  /** Name of the added prompt column; not one that a table has. */
  public static final String PROMPT = "__qwark_prompt";

  /** Name of the added column that says why a row cannot be used, or null. */
  public static final String ERROR = "__qwark_error";

  private static final String UNREADABLE = "_corrupt_record";

  private Table() {}

  /**
   * Reads a table and renders its prompts.
   *
   * @return all columns of the table, then {@link #PROMPT} and {@link #ERROR}
   * @throws UserException if there is no such table or column, or no row
   */
  public static Dataset<Row> read(SparkSession spark, TableConfig config) {
    Dataset<Row> table = config.table() == null ? file(spark, config) : named(spark, config);
    if (config.limit() != null) {
      table = table.limit(Math.toIntExact(Math.min(config.limit(), Integer.MAX_VALUE)));
    }
    String source = config.table() == null ? config.path() : config.table();
    if (table.isEmpty()) {
      throw new UserException(
          "Cannot start with " + source, "it has no rows", "Give a table with at least one row");
    }
    return withPrompts(table, PromptTemplate.parse(config.requiredTemplate()));
  }

  private static Dataset<Row> named(SparkSession spark, TableConfig config) {
    try {
      return spark.table(config.table());
    } catch (Exception e) {
      // Scala declares no checked exceptions, so the compiler does not know of this one.
      if (!(e instanceof AnalysisException)) {
        throw e;
      }
      List<String> tables =
          spark
              .sql("SHOW TABLES")
              .select("tableName")
              .toJavaRDD()
              .map(r -> r.getString(0))
              .collect();
      throw new UserException(
          "Cannot read the table " + config.table(),
          "Spark knows no such table",
          Nearest.to(config.table(), tables)
              .map(t -> "Write `" + t + "` if that is meant")
              .orElse("Give --input PATH for files, or set up Spark's catalog"),
          e);
    }
  }

  private static Dataset<Row> file(SparkSession spark, TableConfig config) {
    SourceFiles files = SourceFiles.list(config.path(), spark.sparkContext().hadoopConfiguration());
    DataFormat format = DataFormat.of(config.format(), files.first().getName());
    switch (format) {
      case PARQUET:
        return spark.read().parquet(config.path());
      case CSV:
        return TableRows.csv(spark, files);
      default:
        boolean array =
            format == DataFormat.JSON
                && JsonArrays.isArray(files.first(), spark.sparkContext().hadoopConfiguration());
        return json(spark, config.path(), array);
    }
  }

  private static Dataset<Row> json(SparkSession spark, String path, boolean isArray) {
    StructType schema =
        spark
            .read()
            .option("multiLine", isArray)
            .option("columnNameOfCorruptRecord", UNREADABLE)
            .json(path)
            .schema();
    if (schema.isEmpty() || Arrays.equals(schema.fieldNames(), new String[] {UNREADABLE})) {
      throw new UserException(
          "Cannot start with " + path,
          schema.isEmpty() ? "it has no rows" : "none of its rows is a JSON object",
          "Check the file, and that `format` is what it holds");
    }
    StructType all =
        Arrays.asList(schema.fieldNames()).contains(UNREADABLE)
            ? schema
            : schema.add(UNREADABLE, DataTypes.StringType);
    return spark
        .read()
        .option("multiLine", isArray)
        .option("columnNameOfCorruptRecord", UNREADABLE)
        .schema(all)
        .json(path);
  }

  private static Dataset<Row> withPrompts(Dataset<Row> table, PromptTemplate template) {
    List<String> columns =
        Arrays.stream(table.columns()).filter(c -> !c.equals(UNREADABLE)).toList();
    template.requireColumns(columns);
    if (template.columns().isEmpty()) {
      throw new UserException(
          "Cannot use the prompt template",
          "it has no {column} placeholder, so every row would get the same prompt",
          "Put at least one of "
              + String.join(", ", columns.stream().map(c -> "{" + c + "}").toList())
              + " into it");
    }
    Column unreadable =
        columns.size() < table.columns().length
            ? functions.when(
                TableRows.quoted(UNREADABLE).isNotNull(),
                functions.concat(
                    lit("the row cannot be read: "),
                    functions.substring(TableRows.quoted(UNREADABLE), 1, 200)))
            : lit(null).cast(DataTypes.StringType);
    Column missing =
        functions.coalesce(
            template.columns().stream()
                .map(
                    c ->
                        functions.when(
                            TableRows.quoted(c).isNull(), lit("the column `" + c + "` is empty")))
                .toArray(Column[]::new));
    Column values =
        functions.to_json(
            functions.struct(
                template.columns().stream().map(TableRows::quoted).toArray(Column[]::new)));
    UDF1<String, String> render =
        json -> {
          var row = JsonRows.parse(json);
          return template.render(column -> JsonRows.text(row.get(column)));
        };
    return table
        .withColumn(ERROR, functions.coalesce(unreadable, missing))
        .withColumn(
            PROMPT,
            functions.when(
                col(ERROR).isNull(), functions.udf(render, DataTypes.StringType).apply(values)))
        .drop(UNREADABLE);
  }
}
