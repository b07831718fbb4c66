package io.qwark.jobs;

import io.qwark.jobs.config.ConfigFile;
import io.qwark.jobs.config.Setting;
import io.qwark.jobs.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that all jobs with a model share. Each stands for a key of the configuration. */
final class JobOptions {
  @Option(names = "--config", paramLabel = "FILE", description = "YAML configuration.")
  private Path config;

  @Option(
      names = "--model",
      paramLabel = "PATH_OR_ID",
      description =
          "A local folder or GGUF file, a Hadoop path, or an id such as Qwen/Qwen3-0.6B[@revision]"
              + " or modelscope://Qwen/Qwen3-0.6B.")
  private String model;

  @Option(
      names = "--quantization",
      paramLabel = "NAME",
      description = "How weights are held: auto, float32, bfloat16, int8, fp8 or int4.")
  private String quantization;

  @Option(
      names = "--lm-head-quantization",
      paramLabel = "NAME",
      description = "How the output layer is held: auto, int8 or int4.")
  private String lmHeadQuantization;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the run.")
  private Long seed;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "New tokens of a sample, at the most.")
  private Integer maxTokens;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder for runs; any Hadoop file system.")
  private String output;

  @Option(names = "--run-id", paramLabel = "NAME", description = "Name of the run's own folder.")
  private String runId;

  @Option(names = "--overwrite", description = "Replace a run of the same name.")
  private boolean overwrite;

  @Option(names = "--partitions", paramLabel = "N", description = "Number of Spark tasks.")
  private Integer partitions;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the configuration, such as sampling.temperature=0.6. Repeatable.")
  private List<String> assignments = List.of();

  /**
   * Binds the configuration.
   *
   * @param own settings of the job's own options
   */
  <R extends Record> R load(R defaults, List<Setting> own) {
    List<Setting> settings = new ArrayList<>(own);
    add(settings, "--model", "model.path", model);
    add(settings, "--quantization", "model.quantization", quantization);
    add(settings, "--lm-head-quantization", "model.lm_head_quantization", lmHeadQuantization);
    add(settings, "--seed", "sampling.seed", seed);
    add(settings, "--max-tokens", "sampling.max_tokens", maxTokens);
    add(settings, "--output", "output.dir", output);
    add(settings, "--run-id", "output.run_id", runId);
    add(settings, "--partitions", "spark.partitions", partitions);
    assignments.forEach(assignment -> settings.add(Setting.parse(assignment)));
    return ConfigFile.load(config, settings, defaults);
  }

  static void add(List<Setting> settings, String option, String key, Object value) {
    if (value != null) {
      settings.add(Setting.of(option, key, value));
    }
  }

  RunFolder.Existing existing() {
    return overwrite ? RunFolder.Existing.REPLACE : RunFolder.Existing.KEEP;
  }

  /** What a run is called after the time, if it has no id. */
  String name(String job) {
    if (config == null) {
      return job;
    }
    return config.getFileName().toString().replaceFirst("\\.ya?ml$", "");
  }
}
