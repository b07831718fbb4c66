package io.qwark.jobs;

import io.qwark.engine.Models;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.jobs.config.ConfigTree;
import io.qwark.jobs.config.SamplingConfig;
import io.qwark.jobs.run.SparkSessions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.SparkSession;

/** Looks at the model's folder from the driver, before executors load it. */
final class ModelCheck {
  private final CompletableFuture<String> digest;
  private final SamplingParams sampling;

  private ModelCheck(CompletableFuture<String> digest, SamplingParams sampling) {
    this.digest = digest;
    this.sampling = sampling;
  }

  /**
   * Checks the folder, and begins to read it for its digest.
   *
   * @throws UserException if the folder is here and lacks what a model needs, or is not here
   *     although executors run here
   */
  static ModelCheck begin(SparkSession spark, EngineOptions options, SamplingConfig sampling) {
    Path path = Path.of(options.model());
    if (!Files.exists(path) && !SparkSessions.isLocal(spark)) {
      return new ModelCheck(CompletableFuture.completedFuture(null), null);
    }
    ModelFiles folder = Models.open(options);
    return new ModelCheck(
        CompletableFuture.supplyAsync(folder::digest),
        sampling.options().resolve(folder.generationDefaults()));
  }

  /** SHA-256 of the folder, or null where only executors on other machines can see it. */
  String digest() {
    return digest.join();
  }

  /** What samples are drawn with, the model's own defaults filled in; or null as above. */
  Map<String, Object> sampling() {
    return sampling == null ? null : ConfigTree.of(sampling);
  }
}
