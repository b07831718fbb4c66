package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SparkSettingsTest {
  @Test
  void theSettingsAreExactlyThese() {
    assertEquals(
        Map.of("spark.executor.heartbeatInterval", "2s", "spark.locality.wait", "0s"),
        SparkSettings.recommended());
  }

  @Test
  void whatTheUserSetStays() {
    SparkConf conf = new SparkConf(false).set("spark.locality.wait", "1s");
    SparkSettings.addTo(conf);
    assertEquals("1s", conf.get("spark.locality.wait"));
    assertEquals("2s", conf.get("spark.executor.heartbeatInterval"));
  }
}
