package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.config.OutputConfig;
import io.qwark.jobs.run.RunFolder;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/** What a job works with. */
final class JobContext {
  private final SparkSession spark;
  private final Terminal terminal;
  private final List<String> arguments;
  private final String name;
  private final RunFolder.Existing existing;
  private final Function<EngineOptions, ModelFactory> models;
  private RunFolder folder;

  /**
   * @param arguments the command line, to be recorded
   * @param name what the run is called after the time, if it has no id
   */
  JobContext(
      SparkSession spark,
      Terminal terminal,
      List<String> arguments,
      String name,
      RunFolder.Existing existing,
      Function<EngineOptions, ModelFactory> models) {
    this.spark = spark;
    this.terminal = terminal;
    this.arguments = arguments;
    this.name = name;
    this.existing = existing;
    this.models = models;
  }

  SparkSession spark() {
    return spark;
  }

  Terminal terminal() {
    return terminal;
  }

  List<String> arguments() {
    return arguments;
  }

  /** The factory to send to executors. */
  ModelFactory factory(EngineOptions options) {
    return models.apply(options);
  }

  /**
   * Makes the run's folder; see {@link RunFolder#create}. What is incomplete in it goes at a
   * failure.
   */
  RunFolder createFolder(OutputConfig output) {
    folder = RunFolder.create(spark.sparkContext().hadoopConfiguration(), output, name, existing);
    return folder;
  }

  /** Removes what a failed job left, once nothing writes any more. */
  void abandon(Throwable failure) {
    if (folder != null) {
      folder.abandon(failure);
    }
  }
}
