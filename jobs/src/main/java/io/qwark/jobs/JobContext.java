package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.config.OutputConfig;
import io.qwark.jobs.run.RunFolder;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/**
 * What a job works with.
 *
 * @param arguments the command line, to be recorded
 * @param name what the run is called after the time, if it has no id
 */
record JobContext(
    SparkSession spark,
    Terminal terminal,
    List<String> arguments,
    String name,
    RunFolder.Existing existing,
    Function<EngineOptions, ModelFactory> models) {

  /** Makes the run's folder; see {@link RunFolder#create}. */
  RunFolder createFolder(OutputConfig output) {
    return RunFolder.create(spark.sparkContext().hadoopConfiguration(), output, name, existing);
  }
}
