package io.qwark.jobs.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads what a run wrote. */
record Run(Path folder) {

  /** What must not depend on how a run was spread over tasks and processes. */
  record Sample(
      String status,
      String errorCode,
      String verdict,
      String finishReason,
      String text,
      List<Integer> tokenIds) {}

  JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(file).toFile());
  }

  /** The rows of a table of the run, such as samples. */
  List<Row> rows(String table) {
    SparkSession spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false).getOrCreate();
    try {
      return spark.read().parquet(folder.resolve(table).toString()).collectAsList();
    } finally {
      spark.stop();
    }
  }

  /** The samples of an evaluation by "id/sample_index". */
  SortedMap<String, Sample> samples() {
    SortedMap<String, Sample> samples = new TreeMap<>();
    for (Row row : rows("samples")) {
      int tokenIds = row.fieldIndex("token_ids");
      Sample sample =
          new Sample(
              row.getAs("status"),
              row.getAs("error_code"),
              row.getAs("verdict"),
              row.getAs("finish_reason"),
              row.getAs("text"),
              row.isNullAt(tokenIds) ? null : row.getList(tokenIds));
      String key = row.getAs("id") + "/" + row.getAs("sample_index");
      if (samples.put(key, sample) != null) {
        throw new IllegalStateException("Two samples " + key + " in " + folder);
      }
    }
    return samples;
  }
}
