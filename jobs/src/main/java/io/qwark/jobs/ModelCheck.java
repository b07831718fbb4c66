package io.qwark.jobs;

import io.qwark.engine.Models;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.source.Sketch;
import io.qwark.jobs.config.ConfigTree;
import io.qwark.jobs.config.SamplingConfig;
import io.qwark.jobs.model.ModelSource;
import io.qwark.jobs.report.FetchLine;
import io.qwark.jobs.report.TerminalStyle;
import io.qwark.jobs.run.SparkSessions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Looks at the model from the driver, before executors load it. */
final class ModelCheck {
  private final EngineOptions options;
  private final CompletableFuture<String> digest;
  private final SamplingParams sampling;

  private ModelCheck(
      EngineOptions options, CompletableFuture<String> digest, SamplingParams sampling) {
    this.options = options;
    this.digest = digest;
    this.sampling = sampling;
  }

  /**
   * Checks the model and pins its revision. A model that is on this host's disks is then read for
   * its digest; one from elsewhere is fetched where executors run here, and else only its small
   * files are.
   *
   * @throws UserException if the model is here and lacks what it needs, is not here although
   *     executors run here, or cannot be had from where it is
   */
  static ModelCheck begin(JobContext context, EngineOptions options, SamplingConfig sampling) {
    FetchLine line = new FetchLine(context.terminal().progress(), TerminalStyle.detect());
    boolean isLocal = SparkSessions.isLocal(context.spark());
    ModelSource source = ModelSource.of(options.model(), line);
    if (source == null) {
      Path path = Path.of(options.model());
      return Files.exists(path) || isLocal
          ? whole(options, path, sampling)
          : new ModelCheck(options, CompletableFuture.completedFuture(null), null);
    }
    if (source.isUnknownHere() && !isLocal) {
      // Executors have caches of their own.
      return new ModelCheck(options, CompletableFuture.completedFuture(null), null);
    }
    EngineOptions pinned = options.withModel(source.pin());
    if (isLocal) {
      return whole(pinned, source.fetch(), sampling);
    }
    try (Sketch sketch = source.sketch()) {
      ModelFiles files = Models.open(sketch.model());
      files.config();
      return new ModelCheck(
          pinned,
          CompletableFuture.completedFuture(null),
          sampling.options().resolve(files.generationDefaults()));
    }
  }

  private static ModelCheck whole(EngineOptions options, Path path, SamplingConfig sampling) {
    ModelFiles files = Models.open(options.withModel(path.toString()));
    return new ModelCheck(
        options,
        CompletableFuture.supplyAsync(files::digest),
        sampling.options().resolve(files.generationDefaults()));
  }

  /** The options with the model that all executors are to load. */
  EngineOptions options() {
    return options;
  }

  /** SHA-256 of the files, or null where only executors on other machines have them. */
  String digest() {
    return digest.join();
  }

  /** What samples are drawn with, the model's own defaults filled in; or null if unknown here. */
  Map<String, Object> sampling() {
    return sampling == null ? null : ConfigTree.of(sampling);
  }
}
