package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.config.GenerateConfig;
import io.qwark.jobs.config.Setting;
import io.qwark.jobs.config.SparkConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "generate",
    description = "Generate from prompts, chat messages or token ids; one row per sample.")
final class GenerateCommand extends JobCommand<GenerateConfig> {
  @Option(names = "--input", paramLabel = "PATH", description = "The prompts' file or folder.")
  private String input;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N prompts.")
  private Long limit;

  @Option(names = "--samples", paramLabel = "N", description = "Samples of each prompt.")
  private Integer samples;

  @Option(
      names = "--prompt-form",
      paramLabel = "FORM",
      description = "chat: a prompt is a user's message; text: it is tokenized as it stands.")
  private String promptForm;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Format of the result: parquet or jsonl.")
  private String format;

  @Option(
      names = "--logprobs",
      paramLabel = "K",
      description = "Log-probabilities of sampled tokens and of the K likeliest (0 to 20).")
  private Integer logprobs;

  @Option(
      names = "--prompt-logprobs",
      description = "Log-probabilities of the prompt's own tokens.")
  private Boolean promptLogprobs;

  GenerateCommand(
      Main main,
      Terminal terminal,
      List<String> arguments,
      Function<EngineOptions, ModelFactory> models) {
    super("generate", main, terminal, arguments, models);
  }

  @Override
  GenerateConfig defaults() {
    return GenerateConfig.DEFAULTS;
  }

  @Override
  List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    JobOptions.add(settings, "--input", "input.path", input);
    JobOptions.add(settings, "--limit", "input.limit", limit);
    JobOptions.add(settings, "--samples", "sampling.n", samples);
    JobOptions.add(settings, "--prompt-form", "input.prompt_form", promptForm);
    JobOptions.add(settings, "--format", "output.format", format);
    JobOptions.add(settings, "--logprobs", "sampling.logprobs", logprobs);
    JobOptions.add(settings, "--prompt-logprobs", "sampling.prompt_logprobs", promptLogprobs);
    return settings;
  }

  @Override
  SparkConfig spark(GenerateConfig config) {
    return config.spark();
  }

  @Override
  void check(GenerateConfig config) {
    config.model().engineOptions();
    config.input().requiredPath();
  }

  @Override
  int run(JobContext context, GenerateConfig config) {
    return new BulkGeneration(context, config).run();
  }
}
