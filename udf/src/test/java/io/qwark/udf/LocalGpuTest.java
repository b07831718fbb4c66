package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.udf.testing.ScriptedFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that runs its tasks itself, with an invented GPU. */
class LocalGpuTest {
  @TempDir Path folder;

  @Test
  void tasksOfALocalDriverUseTheDriversGpu() throws Exception {
    Path script = folder.resolve("discovery");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"3\"]}'\n");
    assertEquals(true, script.toFile().setExecutable(true));
    SparkSession spark =
        LocalSpark.builder()
            .config("spark.driver.resource.gpu.amount", "1")
            .config("spark.driver.resource.gpu.discoveryScript", script.toString())
            .config("spark.qwark.gpu.lockFolder", folder.resolve("locks").toString())
            .getOrCreate();
    try {
      InferenceMetrics metrics = InferenceMetrics.register(spark);
      Inference.generate(
              LocalSpark.prompts(spark, 2, "a", "b", "c"),
              ScriptedFactory.named("local GPU"),
              LocalSpark.options(1, null),
              metrics)
          .collect();
      assertEquals("cuda:3", metrics.replicas().get(0).device());
    } finally {
      spark.stop();
    }
  }
}
