package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code evaluate} is told.
 *
 * @param scorer name of a scorer
 * @param passAtK the k of pass@k; null is 1, 2, 4 and so on up to n, and n
 */
public record EvaluateConfig(
    ModelConfig model,
    DatasetConfig dataset,
    SamplingConfig sampling,
    String scorer,
    List<Integer> passAtK,
    SparkConfig spark,
    OutputConfig output) {

  public static final EvaluateConfig DEFAULTS =
      new EvaluateConfig(
          ModelConfig.DEFAULTS,
          DatasetConfig.DEFAULTS,
          SamplingConfig.DEFAULTS,
          "boxed_integer",
          null,
          SparkConfig.DEFAULTS,
          OutputConfig.DEFAULTS);

  public EvaluateConfig {
    if (!output.format().equals("parquet")) {
      throw new UserException(
          "Cannot write samples as " + output.format(),
          "an evaluation's samples are Parquet, so that they can be scored again",
          "Remove `output.format`");
    }
    if (passAtK != null) {
      for (int k : passAtK) {
        Ranges.atLeastOne("pass_at_k", k);
        if (k > sampling.n()) {
          throw new UserException(
              "Cannot compute pass@" + k,
              "only " + sampling.n() + " samples are drawn of each problem (`sampling.n`)",
              "Lower `pass_at_k` or raise `sampling.n`");
        }
      }
    }
  }

  /** The k of pass@k, ascending. */
  public List<Integer> ks() {
    if (passAtK != null) {
      return passAtK.stream().distinct().sorted().toList();
    }
    List<Integer> ks = new ArrayList<>();
    for (int k = 1; k < sampling.n(); k *= 2) {
      ks.add(k);
    }
    ks.add(sampling.n());
    return ks;
  }
}
