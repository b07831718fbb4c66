package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.config.Setting;
import io.qwark.jobs.config.SparkConfig;
import io.qwark.jobs.run.Interruption;
import io.qwark.jobs.run.LogFile;
import io.qwark.jobs.run.SparkSessions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;

/** A command that starts Spark, does its job and stops Spark. */
abstract class JobCommand<C extends Record> implements Callable<Integer> {
  @Mixin private JobOptions options;

  private final String job;
  private final Main main;
  private final Terminal terminal;
  private final List<String> arguments;
  private final Function<EngineOptions, ModelFactory> models;

  JobCommand(
      String job,
      Main main,
      Terminal terminal,
      List<String> arguments,
      Function<EngineOptions, ModelFactory> models) {
    this.job = job;
    this.main = main;
    this.terminal = terminal;
    this.arguments = arguments;
    this.models = models;
  }

  /** Everything that the configuration may say. */
  abstract C defaults();

  /** The job's own options as settings. */
  abstract List<Setting> settings();

  abstract SparkConfig spark(C config);

  /** Fails on what is wrong in the configuration alone, before Spark is started. */
  abstract void check(C config);

  /** Does the job and returns the exit code. */
  abstract int run(JobContext context, C config);

  @Override
  public final Integer call() {
    C config = options.load(defaults(), settings());
    check(config);
    if (!main.isVerbose()) {
      terminal.logsTo(LogFile.open());
    }
    try (Interruption interruption = Interruption.watch(terminal.err())) {
      SparkSession session = SparkSessions.start("qwark " + job, spark(config));
      JobContext context =
          new JobContext(
              session, terminal, arguments, options.name(job), options.existing(), models);
      try {
        return run(context, config);
      } catch (Exception e) {
        // Spark throws its checked exceptions without declaring them.
        SparkSessions.cancel(session);
        context.abandon(e);
        if (interruption.interrupted()) {
          // The exit code is the signal's; what broke off is no news.
          return Main.FAILED;
        }
        throw e;
      } finally {
        session.stop();
      }
    }
  }
}
