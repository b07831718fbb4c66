package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelFolder;
import io.qwark.jobs.run.SparkSessions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.SparkSession;

/** Looks at the model's folder from the driver, before executors load it. */
final class ModelCheck {
  private ModelCheck() {}

  /**
   * Begins to read the folder for its digest.
   *
   * @return SHA-256 of the folder, or null where only executors on other machines can see it
   * @throws UserException if the folder is here and lacks what a model needs, or is not here
   *     although executors run here
   */
  static CompletableFuture<String> begin(SparkSession spark, EngineOptions options) {
    Path path = Path.of(options.model());
    if (!Files.exists(path) && !SparkSessions.isLocal(spark)) {
      return CompletableFuture.completedFuture(null);
    }
    ModelFolder folder = ModelFolder.open(path);
    folder.config();
    return CompletableFuture.supplyAsync(folder::digest);
  }
}
