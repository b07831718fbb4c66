package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.config.EnrichConfig;
import io.qwark.jobs.config.Setting;
import io.qwark.jobs.config.SparkConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "enrich",
    description = "Add a generated column to a table, from a prompt over its columns.")
final class EnrichCommand extends JobCommand<EnrichConfig> {
  @Option(names = "--input", paramLabel = "PATH", description = "The table's file or folder.")
  private String input;

  @Option(names = "--table", paramLabel = "NAME", description = "A table that Spark knows.")
  private String table;

  @Option(names = "--limit", paramLabel = "N", description = "Only N rows.")
  private Long limit;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "The prompt, with {column} placeholders.")
  private String template;

  @Option(
      names = "--output-column",
      paramLabel = "NAME",
      description = "Name of the generated column.")
  private String outputColumn;

  EnrichCommand(
      Main main,
      Terminal terminal,
      List<String> arguments,
      Function<EngineOptions, ModelFactory> models) {
    super("enrich", main, terminal, arguments, models);
  }

  @Override
  EnrichConfig defaults() {
    return EnrichConfig.DEFAULTS;
  }

  @Override
  List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    JobOptions.add(settings, "--input", "input.path", input);
    JobOptions.add(settings, "--table", "input.table", table);
    JobOptions.add(settings, "--limit", "input.limit", limit);
    JobOptions.add(settings, "--template", "input.prompt_template", template);
    JobOptions.add(settings, "--output-column", "input.output_column", outputColumn);
    return settings;
  }

  @Override
  SparkConfig spark(EnrichConfig config) {
    return config.spark();
  }

  @Override
  void check(EnrichConfig config) {
    config.model().engineOptions();
    config.input().requireSource();
    config.input().requiredTemplate();
  }

  @Override
  int run(JobContext context, EnrichConfig config) {
    return new Enrichment(context, config).run();
  }
}
