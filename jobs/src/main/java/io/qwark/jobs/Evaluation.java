package io.qwark.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.api.EngineOptions;
import io.qwark.jobs.config.EvaluateConfig;
import io.qwark.jobs.data.Benchmark;
import io.qwark.jobs.data.PromptTable;
import io.qwark.jobs.metrics.Metrics;
import io.qwark.jobs.metrics.Summary;
import io.qwark.jobs.report.RunFiles;
import io.qwark.jobs.report.RunReport;
import io.qwark.jobs.report.TerminalStyle;
import io.qwark.jobs.report.TerminalSummary;
import io.qwark.jobs.run.Partitions;
import io.qwark.jobs.run.RunFolder;
import io.qwark.jobs.run.RunRecord;
import io.qwark.jobs.score.Scorers;
import io.qwark.jobs.score.Verdict;
import io.qwark.udf.Inference;
import io.qwark.udf.InferenceMetrics;
import io.qwark.udf.InferenceOptions;
import io.qwark.udf.PromptForm;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The main job: a dataset's problems become prompts, prompts become samples on the executors, where
 * they are scored and written; the summary is made of what was written.
 */
final class Evaluation {
  private static final String SAMPLES = "samples";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JobContext context;
  private final EvaluateConfig config;
  private final SparkSession spark;

  Evaluation(JobContext context, EvaluateConfig config) {
    this.context = context;
    this.config = config;
    spark = context.spark();
  }

  int run() {
    EngineOptions engine = config.model().engineOptions();
    PromptTable problems = Benchmark.read(spark, config.dataset());
    ModelCheck model = ModelCheck.begin(context, engine, config.sampling());
    RunFolder folder = context.createFolder(config.output());
    RunRecord record = new RunRecord("evaluate", folder.id(), context.arguments(), config);
    record.dataset(config.dataset().path(), problems);
    InferenceMetrics metrics = InferenceMetrics.register(spark);
    ProgressWatch.Seen seen = generate(model.options(), problems, folder, metrics, record);
    record
        .model(model.options().model(), model.digest(), metrics)
        .put("effective_sampling", model.sampling());
    return finish(folder, seen, record);
  }

  /** Writes the samples. */
  private ProgressWatch.Seen generate(
      EngineOptions engine,
      PromptTable problems,
      RunFolder folder,
      InferenceMetrics metrics,
      RunRecord record) {
    Dataset<Row> prompts =
        Partitions.spread(
            spark,
            problems.rows(),
            problems.count(),
            config.sampling().n(),
            config.model().maxNumSeqs(),
            config.spark());
    Dataset<Row> generated =
        Inference.generate(
            prompts, context.factory(engine), options(), metrics, config.spark().gpuStage());
    Dataset<Row> scored = Samples.scored(generated, Scorers.byName(config.scorer()));
    long total = problems.count() * config.sampling().n();
    try (ProgressWatch watch = ProgressWatch.start(context, metrics, total)) {
      scored.write().parquet(folder.pending(SAMPLES));
      folder.publish(SAMPLES);
      record.spark(spark, prompts.toJavaRDD().getNumPartitions());
      return watch.finish();
    }
  }

  private InferenceOptions options() {
    return new InferenceOptions(
        PromptTable.PROMPT,
        PromptForm.CHAT,
        config.dataset().systemPrompt(),
        PromptTable.ERROR,
        config.sampling().options(),
        config.sampling().n(),
        config.spark().maxInFlight());
  }

  private int finish(RunFolder folder, ProgressWatch.Seen seen, RunRecord record) {
    Dataset<Row> samples = spark.read().parquet(folder.part(SAMPLES));
    Summary summary = Metrics.summarize(Samples.scores(samples), config.ks(), seen.seconds());
    RunFiles files = new RunFiles(folder.path(), spark.sparkContext().hadoopConfiguration());
    JsonNode run = JSON.valueToTree(record.end());
    files.writeJson("run.json", run);
    RunReport.write(files, summary, run, seen.points(), Samples.forReport(samples));
    context
        .terminal()
        .out()
        .print(
            TerminalSummary.render(folder.id(), summary, folder.shown(), TerminalStyle.detect()));
    context.terminal().out().flush();
    if (summary.verdicts().get(Verdict.FAILED) == summary.samples()) {
      context.terminal().failed("every sample failed; " + Samples.exampleError(samples));
      return Main.FAILED;
    }
    return Main.DONE;
  }
}
