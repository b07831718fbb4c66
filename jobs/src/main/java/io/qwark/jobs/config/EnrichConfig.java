package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;

/** What {@code enrich} is told. */
public record EnrichConfig(
    ModelConfig model,
    TableConfig input,
    SamplingConfig sampling,
    SparkConfig spark,
    OutputConfig output) {

  public static final EnrichConfig DEFAULTS =
      new EnrichConfig(
          ModelConfig.DEFAULTS,
          TableConfig.DEFAULTS,
          SamplingConfig.DEFAULTS,
          SparkConfig.DEFAULTS,
          OutputConfig.DEFAULTS);

  public EnrichConfig {
    if (sampling.n() != 1) {
      throw new UserException(
          "Cannot enrich a table with " + sampling.n() + " samples of each row",
          "a row keeps one generated value",
          "Remove `sampling.n`, or use generate");
    }
    if (!output.format().equals("parquet")) {
      throw new UserException(
          "Cannot write the table as " + output.format(),
          "enriched tables are Parquet, which keeps every column's type",
          "Remove `output.format`");
    }
  }
}
