package io.qwark.jobs.config;

/** What {@code generate} is told. */
public record GenerateConfig(
    ModelConfig model,
    InputConfig input,
    SamplingConfig sampling,
    SparkConfig spark,
    OutputConfig output) {

  public static final GenerateConfig DEFAULTS =
      new GenerateConfig(
          ModelConfig.DEFAULTS,
          InputConfig.DEFAULTS,
          SamplingConfig.DEFAULTS,
          SparkConfig.DEFAULTS,
          OutputConfig.DEFAULTS);
}
