package io.qwark.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.jobs.report.RunFiles;
import io.qwark.jobs.run.RunFolder;
import io.qwark.jobs.run.RunRecord;
import io.qwark.udf.InferenceMetrics;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How a job without scores ended. */
final class Outcome {
  private Outcome() {}

  /**
   * Writes the record of a run whose samples are there, and tells of it.
   *
   * @param rows that were generated from
   * @return the exit code
   */
  static int keep(
      JobContext context,
      RunFolder folder,
      RunRecord record,
      ModelCheck model,
      InferenceMetrics metrics,
      Dataset<Row> rows) {
    record
        .model(model.options().model(), model.digest(), metrics)
        .put("effective_sampling", model.sampling())
        .spark(context.spark(), rows.toJavaRDD().getNumPartitions())
        .put("samples_ok", metrics.samplesOk())
        .put("samples_error", metrics.samplesError());
    new RunFiles(folder.path(), context.spark().sparkContext().hadoopConfiguration())
        .writeJson("run.json", new ObjectMapper().valueToTree(record.end()));
    return tell(context.terminal(), folder, metrics);
  }

  /** Says where the results are; returns the exit code, which is 1 if there is not one. */
  private static int tell(Terminal terminal, RunFolder folder, InferenceMetrics metrics) {
    terminal
        .out()
        .printf(
            "%d samples, %d of them failed%nResults: %s%n",
            metrics.samplesOk() + metrics.samplesError(), metrics.samplesError(), folder.shown());
    if (metrics.samplesOk() == 0) {
      terminal.failed("every sample failed; the rows' error_message says why");
      return Main.FAILED;
    }
    return Main.DONE;
  }
}
