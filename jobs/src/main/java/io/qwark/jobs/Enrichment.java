package io.qwark.jobs;

import static org.apache.spark.sql.functions.col;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.EnrichConfig;
import io.qwark.jobs.data.Table;
import io.qwark.jobs.run.Partitions;
import io.qwark.jobs.run.RunFolder;
import io.qwark.jobs.run.RunRecord;
import io.qwark.udf.GenerationSchema;
import io.qwark.udf.Inference;
import io.qwark.udf.InferenceMetrics;
import io.qwark.udf.InferenceOptions;
import io.qwark.udf.PromptForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Adds a generated column, and how it came about, to a table. */
final class Enrichment {
  private static final String TABLE = "table";

  private final JobContext context;
  private final EnrichConfig config;
  private final SparkSession spark;

  Enrichment(JobContext context, EnrichConfig config) {
    this.context = context;
    this.config = config;
    spark = context.spark();
  }

  int run() {
    EngineOptions engine = config.model().engineOptions();
    Dataset<Row> table = Table.read(spark, config.input());
    Column[] columns = columns(table);
    ModelCheck model = ModelCheck.begin(context, engine, config.sampling());
    RunFolder folder = context.createFolder(config.output());
    RunRecord record = new RunRecord("enrich", folder.id(), context.arguments(), config);
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    long count = table.count();
    Dataset<Row> rows =
        Partitions.spread(spark, table, count, 1, config.model().maxNumSeqs(), config.spark());
    Dataset<Row> generated =
        Inference.generate(
            rows, context.factory(model.options()), options(), metrics, config.spark().gpuStage());
    try (ProgressWatch watch = ProgressWatch.start(context, metrics, count)) {
      generated.select(columns).write().parquet(folder.pending(TABLE));
      folder.publish(TABLE);
      watch.finish();
    }
    record.put("rows", count);
    return Outcome.keep(context, folder, record, model, metrics, rows);
  }

  private InferenceOptions options() {
    return new InferenceOptions(
        Table.PROMPT,
        PromptForm.CHAT,
        config.input().systemPrompt(),
        Table.ERROR,
        config.sampling().options(),
        1,
        config.spark().maxInFlight());
  }

  /** The table's own columns, then what was generated. */
  private Column[] columns(Dataset<Row> table) {
    String output = config.input().outputColumn();
    Map<String, String> added = new LinkedHashMap<>();
    added.put(output, "answer");
    added.put(output + "_reasoning", "reasoning");
    added.put(output + "_finish_reason", "finish_reason");
    added.put(output + "_status", "status");
    added.put(output + "_error_code", "error_code");
    added.put(output + "_error_message", "error_message");
    List<Column> columns = new ArrayList<>();
    for (String name : table.columns()) {
      if (added.keySet().stream().anyMatch(name::equalsIgnoreCase)) {
        throw new UserException(
            "Cannot add the column `" + name + "`",
            "the table has a column of that name",
            "Give another --output-column");
      }
      if (!name.equals(Table.PROMPT) && !name.equals(Table.ERROR)) {
        columns.add(col("`" + name.replace("`", "``") + "`"));
      }
    }
    added.forEach((name, field) -> columns.add(generation(field).as(name)));
    return columns.toArray(Column[]::new);
  }

  private static Column generation(String field) {
    return col(GenerationSchema.COLUMN + "." + field);
  }
}
