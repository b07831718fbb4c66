package io.qwark.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.qwark.jobs.data.Benchmark;
import io.qwark.jobs.data.PromptTable;
import io.qwark.jobs.metrics.SampleScore;
import io.qwark.jobs.report.ReportSample;
import io.qwark.jobs.score.GeneratedText;
import io.qwark.jobs.score.Score;
import io.qwark.jobs.score.Scorer;
import io.qwark.jobs.score.Verdict;
import io.qwark.udf.GenerationSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF8;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The table of an evaluation's samples: one flat row each. */
final class Samples {
  private static final String SAMPLE_INDEX = "sample_index";
  private static final String VERDICT = "verdict";
  private static final String EXTRACTED_ANSWER = "extracted_answer";
  private static final String EXPLANATION = "explanation";
  private static final String SCORE = "score";

  private static final StructType SCORE_TYPE =
      new StructType()
          .add(VERDICT, DataTypes.StringType, false)
          .add(EXTRACTED_ANSWER, DataTypes.StringType)
          .add(EXPLANATION, DataTypes.StringType);

  private Samples() {}

  /** Scores generated rows where they are and lays their columns out. */
  static Dataset<Row> scored(Dataset<Row> generated, Scorer scorer) {
    // Not deterministic in Spark's sense: otherwise the scorer runs once for every column of it.
    UserDefinedFunction score = functions.udf(scoring(scorer), SCORE_TYPE).asNondeterministic();
    Dataset<Row> rows =
        generated.withColumn(
            SCORE,
            score.apply(
                col(Benchmark.EXPECTED_ANSWER),
                generation("status"),
                generation("error_code"),
                generation("error_message"),
                generation("text"),
                generation("reasoning"),
                generation("answer"),
                generation("finish_reason")));
    return rows.select(columns()).sortWithinPartitions(PromptTable.ID, SAMPLE_INDEX);
  }

  private static Column[] columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(col(PromptTable.ID));
    columns.add(generation(SAMPLE_INDEX));
    columns.add(col(Benchmark.PROBLEM));
    columns.add(col(PromptTable.PROMPT));
    columns.add(col(Benchmark.EXPECTED_ANSWER));
    for (String name : SCORE_TYPE.fieldNames()) {
      columns.add(col(SCORE + "." + name));
    }
    for (String name : GenerationSchema.fieldNames()) {
      if (!name.equals(SAMPLE_INDEX)) {
        columns.add(generation(name));
      }
    }
    return columns.toArray(Column[]::new);
  }

  private static Column generation(String field) {
    return col(GenerationSchema.COLUMN + "." + field);
  }

  private static UDF8<String, String, String, String, String, String, String, String, Row> scoring(
      Scorer scorer) {
    return (expected, status, errorCode, errorMessage, text, reasoning, answer, finishReason) -> {
      Score score =
          GenerationSchema.OK.equals(status)
              ? scorer.score(expected, new GeneratedText(text, reasoning, answer, finishReason))
              : Score.failed(errorCode, errorMessage);
      return RowFactory.create(
          score.verdict().wireName(), score.extractedAnswer(), score.explanation());
    };
  }

  /** What the metrics need of each sample, read as it is asked for. */
  static Iterator<SampleScore> scores(Dataset<Row> samples) {
    return mapped(forMetrics(samples).toLocalIterator(), Samples::score);
  }

  /** What the report may show of each sample, read as it is asked for. */
  static Iterator<ReportSample> forReport(Dataset<Row> samples) {
    return mapped(
        samples.drop("token_ids", "logprobs", "top_logprobs", "prompt_logprobs").toLocalIterator(),
        Samples::shown);
  }

  private static <T> Iterator<T> mapped(Iterator<Row> rows, Function<Row, T> function) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public T next() {
        return function.apply(rows.next());
      }
    };
  }

  /** Code and message of some error. */
  static String exampleError(Dataset<Row> samples) {
    Row row =
        samples
            .select(col("error_code"), col("error_message"))
            .filter(col("error_code").isNotNull())
            .first();
    return "one of them with " + row.getString(0) + ": " + row.getString(1);
  }

  private static Dataset<Row> forMetrics(Dataset<Row> samples) {
    return samples.select(
        col(PromptTable.ID),
        col(SAMPLE_INDEX),
        col(VERDICT),
        col(EXTRACTED_ANSWER),
        col(Benchmark.EXPECTED_ANSWER),
        col("finish_reason"),
        col("error_code"),
        functions.coalesce(col("prompt_tokens"), lit(0)),
        functions.coalesce(col("completion_tokens"), lit(0)));
  }

  private static SampleScore score(Row row) {
    return new SampleScore(
        row.getString(0),
        row.getInt(1),
        Verdict.ofWireName(row.getString(2)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getInt(7),
        row.getInt(8));
  }

  private static ReportSample shown(Row row) {
    Integer promptTokens = row.getAs("prompt_tokens");
    Integer completionTokens = row.getAs("completion_tokens");
    return new ReportSample(
        row.getAs(PromptTable.ID),
        row.<Integer>getAs(SAMPLE_INDEX),
        row.getAs(Benchmark.PROBLEM),
        row.getAs(Benchmark.EXPECTED_ANSWER),
        Verdict.ofWireName(row.getAs(VERDICT)),
        row.getAs(EXTRACTED_ANSWER),
        row.getAs(EXPLANATION),
        row.getAs("error_code"),
        row.getAs("error_message"),
        row.getAs("finish_reason"),
        row.getAs("reasoning"),
        row.getAs("answer"),
        promptTokens == null ? 0 : promptTokens,
        completionTokens == null ? 0 : completionTokens,
        row.getAs("first_token_ms"),
        row.getAs("total_ms"));
  }
}
