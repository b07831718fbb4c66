package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.HealthTracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkSettingsTest {
  @Test
  void theSettingsAreExactlyThese() {
    assertEquals(
        Map.of(
            "spark.executor.heartbeatInterval", "2s",
            "spark.locality.wait", "0s",
            "spark.excludeOnFailure.enabled", "true",
            "spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor", "2",
            "spark.excludeOnFailure.stage.maxFailedTasksPerExecutor", "16",
            "spark.excludeOnFailure.stage.maxFailedExecutorsPerNode", "1000",
            "spark.excludeOnFailure.task.maxTaskAttemptsPerNode", "6",
            "spark.task.maxFailures", "8"),
        SparkSettings.recommended());
  }

  @Test
  void whatTheUserSetStays() {
    SparkConf conf = new SparkConf(false).set("spark.locality.wait", "1s");
    SparkSettings.addTo(conf);
    assertEquals("1s", conf.get("spark.locality.wait"));
    assertEquals("2s", conf.get("spark.executor.heartbeatInterval"));
  }

  @ParameterizedTest
  @CsvSource({"1, false, 6", "2, true, 1", "6, true, 5", "7, true, 6", "20, true, 6"})
  void howOftenATaskMayFailLimitsHowOftenOnANode(int failures, String exclude, String onNode) {
    SparkConf conf = new SparkConf(false).set("spark.task.maxFailures", "" + failures);
    SparkSettings.addTo(conf);
    assertEquals(exclude, conf.get("spark.excludeOnFailure.enabled"));
    assertEquals(onNode, conf.get("spark.excludeOnFailure.task.maxTaskAttemptsPerNode"));
    if (exclude.equals("true")) {
      HealthTracker.validateExcludeOnFailureConfs(conf);
    }
  }
}
