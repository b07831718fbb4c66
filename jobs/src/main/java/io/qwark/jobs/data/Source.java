package io.qwark.jobs.data;

import io.qwark.engine.api.UserException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** A place that rows come from. */
final class Source {
  private final SparkSession spark;
  private final SourceFiles files;
  private final DataFormat format;

  private Source(SparkSession spark, SourceFiles files, DataFormat format) {
    this.spark = spark;
    this.files = files;
    this.format = format;
  }

  /**
   * @param format or null to go by the extension
   * @throws UserException if there is nothing to read or the format is unknown
   */
  static Source open(SparkSession spark, String path, String format) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    SourceFiles files = SourceFiles.list(path, hadoop);
    return new Source(spark, files, DataFormat.of(format, files.first().getName()));
  }

  SourceFiles files() {
    return files;
  }

  /**
   * All rows, or those with a number below the limit.
   *
   * @param limit or null for all
   */
  JavaRDD<InputRow> rows(Long limit) {
    JavaRDD<InputRow> rows = rows();
    return limit == null ? rows : rows.filter(row -> row.number() < limit);
  }

  private JavaRDD<InputRow> rows() {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    switch (format) {
      case PARQUET:
        return TableRows.readParquet(spark, files);
      case CSV:
        return TableRows.readCsv(spark, files);
      case JSON:
        if (JsonArrays.isArray(files.first(), context.hadoopConfiguration())) {
          return JsonArrays.read(context, files);
        }
        return JsonLines.read(context, files);
      default:
        return JsonLines.read(context, files);
    }
  }
}
