package io.qwark.jobs.data;

import static org.apache.spark.sql.functions.col;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads Parquet and CSV as JSON objects. Rows are numbered by file name, then place in the file.
 */
final class TableRows {
  private static final String CORRUPT = "_corrupt_record";

  private TableRows() {}

  static JavaRDD<InputRow> readParquet(SparkSession spark, SourceFiles source) {
    Dataset<Row> table = spark.read().parquet(source.given());
    return number(
        table
            .select(
                col("_metadata.file_path"),
                col("_metadata.row_index"),
                json(table.columns()),
                functions.lit(null).cast(DataTypes.StringType))
            .toJavaRDD());
  }

  static JavaRDD<InputRow> readCsv(SparkSession spark, SourceFiles source) {
    Dataset<Row> table = csv(spark, source);
    String[] columns =
        Arrays.stream(table.columns()).filter(c -> !c.equals(CORRUPT)).toArray(String[]::new);
    JavaRDD<Row> rows =
        table
            .select(col("_metadata.file_path"), functions.lit(0L), json(columns), col(CORRUPT))
            .toJavaRDD();
    // A file of quoted line breaks is never split, so its rows come in order.
    return number(rows.mapPartitions(TableRows::withPlaceInFile));
  }

  /** The table with all columns as strings and a column for what cannot be read. */
  static Dataset<Row> csv(SparkSession spark, SourceFiles source) {
    Map<String, String> options =
        Map.of("header", "true", "multiLine", "true", "escape", "\"", "enforceSchema", "false");
    StructType columns = spark.read().options(options).csv(source.given()).schema();
    return spark
        .read()
        .options(options)
        .option("columnNameOfCorruptRecord", CORRUPT)
        .schema(columns.add(CORRUPT, DataTypes.StringType))
        .csv(source.given());
  }

  private static Column json(String[] columns) {
    return functions.to_json(
        functions.struct(Arrays.stream(columns).map(TableRows::quoted).toArray(Column[]::new)));
  }

  static Column quoted(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }

  private static Iterator<Row> withPlaceInFile(Iterator<Row> rows) {
    Map<String, Long> places = new HashMap<>();
    return Iterators.map(
        rows,
        row -> {
          long place = places.merge(row.getString(0), 1L, Long::sum) - 1;
          return RowFactory.create(row.getString(0), place, row.getString(2), row.getString(3));
        });
  }

  /** From rows of file, place in the file, JSON and what could not be read. */
  private static JavaRDD<InputRow> number(JavaRDD<Row> rows) {
    Map<String, Long> first = new HashMap<>();
    long before = 0;
    for (Map.Entry<String, Long> file :
        new TreeMap<>(rows.map(row -> row.getString(0)).countByValue()).entrySet()) {
      first.put(file.getKey(), before);
      before += file.getValue();
    }
    return rows.map(
        row -> {
          String place =
              "row " + (row.getLong(1) + 1) + " of " + new Path(row.getString(0)).getName();
          long number = first.get(row.getString(0)) + row.getLong(1);
          return row.isNullAt(3)
              ? new InputRow(number, place, row.getString(2), null)
              : new InputRow(
                  number, place, null, place + " cannot be read: it does not fit the header");
        });
  }
}
