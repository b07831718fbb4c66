package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class PlacementsTest {
  private final SparkConf conf = new SparkConf(false);

  @Test
  void anExecutorWithSomeOfItsHostsCoresLeavesTheOthers() {
    conf.set("spark.executor.cores", "4");
    assertEquals(4, Placements.processors(conf, false, null, 16));
  }

  @Test
  void coresThatThereAreNotDoNotCount() {
    conf.set("spark.executor.cores", "64");
    assertEquals(16, Placements.processors(conf, false, null, 16));
  }

  @Test
  void withoutASettingOrInTheDriverAllAreTheReplicas() {
    assertEquals(16, Placements.processors(conf, false, null, 16));
    conf.set("spark.executor.cores", "1");
    assertEquals(16, Placements.processors(conf, true, null, 16));
  }
}
