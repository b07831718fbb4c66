package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.config.EvaluateConfig;
import io.qwark.jobs.config.Setting;
import io.qwark.jobs.config.SparkConfig;
import io.qwark.jobs.score.Scorers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "evaluate",
    description = "Run a benchmark: samples of every problem, scored, with metrics and a report.")
final class EvaluateCommand extends JobCommand<EvaluateConfig> {
  @Option(names = "--dataset", paramLabel = "PATH", description = "The benchmark's file or folder.")
  private String dataset;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N problems.")
  private Long limit;

  @Option(names = "--samples", paramLabel = "N", description = "Samples of each problem.")
  private Integer samples;

  EvaluateCommand(
      Main main,
      Terminal terminal,
      List<String> arguments,
      Function<EngineOptions, ModelFactory> models) {
    super("evaluate", main, terminal, arguments, models);
  }

  @Override
  EvaluateConfig defaults() {
    return EvaluateConfig.DEFAULTS;
  }

  @Override
  List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    JobOptions.add(settings, "--dataset", "dataset.path", dataset);
    JobOptions.add(settings, "--limit", "dataset.limit", limit);
    JobOptions.add(settings, "--samples", "sampling.n", samples);
    return settings;
  }

  @Override
  SparkConfig spark(EvaluateConfig config) {
    return config.spark();
  }

  @Override
  void check(EvaluateConfig config) {
    config.model().engineOptions();
    config.dataset().requiredPath();
    Scorers.byName(config.scorer());
  }

  @Override
  int run(JobContext context, EvaluateConfig config) {
    return new Evaluation(context, config).run();
  }
}
