package io.qwark.jobs.data;

import io.qwark.engine.api.UserException;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * Prompts that are ready to be sent, and what is known of where they came from.
 *
 * @param rows with the columns {@link #ID}, {@link #PROMPT} and {@link #ERROR} among others, in the
 *     order of the source
 * @param count number of rows, bad ones included
 * @param bad number of rows with an error
 * @param sha256 of the files, or null if they are not local
 */
public record PromptTable(
    Dataset<Row> rows, long count, long bad, List<String> files, String sha256) {

  public static final String ID = "id";

  /** What is sent to the model. */
  public static final String PROMPT = "prompt";

  /** Why a row cannot be used, or null. */
  public static final String ERROR = "error";

  /**
   * Checks prepared rows.
   *
   * @param prepared rows of the schema, whose first column is the id
   * @throws UserException if every row is bad or an id occurs twice
   */
  static PromptTable of(
      SparkSession spark, Source source, JavaRDD<Row> prepared, StructType schema) {
    int error = schema.fieldIndex(ERROR);
    List<String> faults =
        prepared.filter(row -> !row.isNullAt(error)).map(row -> row.getString(error)).take(3);
    long count = prepared.count();
    long bad = faults.isEmpty() ? 0 : prepared.filter(row -> !row.isNullAt(error)).count();
    if (bad == count) {
      throw new UserException(
          "Cannot start with " + source.files().given(),
          "none of its " + count + " rows can be used; " + String.join("; ", faults),
          "Correct the rows, or the columns that the configuration names");
    }
    refuseDuplicates(source, prepared);
    return new PromptTable(
        spark.createDataFrame(prepared, schema),
        count,
        bad,
        source.files().files().stream().map(f -> f.getPath().toString()).toList(),
        Fingerprint.of(source.files().files(), spark.sparkContext().hadoopConfiguration()));
  }

  private static void refuseDuplicates(Source source, JavaRDD<Row> prepared) {
    List<Tuple2<String, Integer>> twice =
        prepared
            .mapToPair(row -> new Tuple2<>(row.getString(0), 1))
            .reduceByKey(Integer::sum)
            .filter(pair -> pair._2() > 1)
            .takeOrdered(3, new ById());
    if (!twice.isEmpty()) {
      throw new UserException(
          "Cannot start with " + source.files().given(),
          "ids are not unique: "
              + String.join(
                  ", ", twice.stream().map(p -> p._1() + " (" + p._2() + " times)").toList()),
          "Make them unique, name another `id_column`, or leave it out to number the rows");
    }
  }

  private static final class ById
      implements java.util.Comparator<Tuple2<String, Integer>>, java.io.Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Tuple2<String, Integer> a, Tuple2<String, Integer> b) {
      return a._1().compareTo(b._1());
    }
  }
}
