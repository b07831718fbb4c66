package io.qwark.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.SparkConfig;
import io.qwark.udf.GpuStage;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {
  private static final SparkConfig CONFIG =
      new SparkConfig("local[2]", null, null, null, Map.of("spark.a", "ours"));

  @AfterEach
  void forget() {
    System.clearProperty("spark.master");
    System.clearProperty("spark.qwark.masterGiven");
    System.clearProperty("spark.a");
  }

  private static String master(SparkConfig config) {
    return SparkSessions.conf("x", config).get("spark.master");
  }

  @Test
  void theConfigurationsMasterIsUsedUnlessSparkSubmitWasToldOne() {
    assertEquals("local[2]", master(CONFIG));
    System.setProperty("spark.master", "local[*]");
    assertEquals("local[2]", master(CONFIG));
    System.setProperty("spark.qwark.masterGiven", "true");
    assertEquals("local[*]", master(CONFIG));
    System.setProperty("spark.master", "spark://host:7077");
    System.clearProperty("spark.qwark.masterGiven");
    assertEquals("spark://host:7077", master(CONFIG));
  }

  @Test
  void withoutAnyMasterItIsLocal() {
    assertEquals("local[*]", master(new SparkConfig(null, null, null, null, Map.of())));
  }

  @Test
  void sparkSubmitsPropertiesGoBeforeTheConfigurations() {
    assertEquals("ours", SparkSessions.conf("x", CONFIG).get("spark.a"));
    System.setProperty("spark.a", "theirs");
    assertEquals("theirs", SparkSessions.conf("x", CONFIG).get("spark.a"));
  }

  @Test
  void gpusThatNoTaskWouldGetAreRefusedBeforeSparkStarts() {
    SparkConfig local =
        new SparkConfig(
            "local[2]", null, null, null, Map.of("spark.executor.resource.gpu.amount", "1"));
    UserException mistake =
        assertThrows(UserException.class, () -> SparkSessions.start("x", local));
    assertTrue(mistake.reason().contains("local[2]"), mistake.reason());
    SparkConfig stage =
        new SparkConfig("spark://nobody:1", null, null, GpuStage.DEFAULTS, Map.of());
    assertThrows(UserException.class, () -> SparkSessions.start("x", stage));
  }
}
