package io.qwark.jobs;

import static org.apache.spark.sql.functions.col;

import io.qwark.engine.api.EngineOptions;
import io.qwark.jobs.config.GenerateConfig;
import io.qwark.jobs.data.PromptTable;
import io.qwark.jobs.data.Prompts;
import io.qwark.jobs.run.Partitions;
import io.qwark.jobs.run.RunFolder;
import io.qwark.jobs.run.RunRecord;
import io.qwark.udf.GenerationSchema;
import io.qwark.udf.Inference;
import io.qwark.udf.InferenceMetrics;
import io.qwark.udf.InferenceOptions;
import io.qwark.udf.PromptForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Generates from prompts; one flat row per sample. */
final class BulkGeneration {
  private static final String SAMPLES = "samples";

  private final JobContext context;
  private final GenerateConfig config;
  private final SparkSession spark;

  BulkGeneration(JobContext context, GenerateConfig config) {
    this.context = context;
    this.config = config;
    spark = context.spark();
  }

  int run() {
    EngineOptions engine = config.model().engineOptions();
    PromptTable prompts = Prompts.read(spark, config.input());
    ModelCheck model = ModelCheck.begin(context, engine, config.sampling());
    RunFolder folder = context.createFolder(config.output());
    RunRecord record = new RunRecord("generate", folder.id(), context.arguments(), config);
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    Dataset<Row> rows =
        Partitions.spread(
            spark,
            prompts.rows(),
            prompts.count(),
            config.sampling().n(),
            config.model().maxNumSeqs(),
            config.spark());
    Dataset<Row> generated =
        Inference.generate(
            rows,
            context.factory(model.options()),
            options(prompts),
            metrics,
            config.spark().gpuStage());
    long total = prompts.count() * config.sampling().n();
    try (ProgressWatch watch = ProgressWatch.start(context, metrics, total)) {
      write(generated.select(columns()), folder.pending(SAMPLES));
      folder.publish(SAMPLES);
      watch.finish();
    }
    record.dataset(config.input().path(), prompts);
    return Outcome.keep(context, folder, record, model, metrics, rows);
  }

  private InferenceOptions options(PromptTable prompts) {
    InferenceOptions options =
        new InferenceOptions(
            PromptTable.PROMPT,
            PromptForm.valueOf(config.input().promptForm().toUpperCase(Locale.ROOT)),
            config.input().systemPrompt(),
            PromptTable.ERROR,
            config.sampling().options(),
            config.sampling().n(),
            config.spark().maxInFlight());
    return Prompts.areConversations(prompts) ? options.withTools(Prompts.TOOLS) : options;
  }

  private static Column[] columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(col(PromptTable.ID));
    columns.add(col(Prompts.SHOWN).as(PromptTable.PROMPT));
    for (String field : GenerationSchema.fieldNames()) {
      columns.add(col(GenerationSchema.COLUMN + "." + field));
    }
    return columns.toArray(Column[]::new);
  }

  private void write(Dataset<Row> samples, String path) {
    DataFrameWriter<Row> writer =
        samples.sortWithinPartitions(PromptTable.ID, "sample_index").write();
    if (config.output().format().equals("jsonl")) {
      // Every row has every key, so that readers find the same columns in any part.
      writer.option("ignoreNullFields", false).json(path);
    } else {
      writer.parquet(path);
    }
  }
}
