package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JobScopeTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void jobsAndTheirStagesHaveTheDescriptionOfTheInnermostScope() {
    Set<String> names = ConcurrentHashMap.newKeySet();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            String description = start.properties().getProperty("spark.job.description");
            var stages = start.stageInfos().iterator();
            while (stages.hasNext()) {
              names.add(description + " | " + stages.next().name());
            }
          }
        };
    spark.sparkContext().addSparkListener(listener);
    try (JobScope outer = JobScope.open(spark, "outer")) {
      try (JobScope inner = JobScope.open(spark, "inner")) {
        spark.range(0, 4, 1, 2).toDF("n").collect();
      }
      spark.range(0, 4, 1, 2).toDF("n").collect();
    }
    assertNull(spark.sparkContext().getLocalProperty("spark.job.description"));
    spark.stop();
    assertEquals(Set.of("inner | inner", "outer | outer"), names);
  }
}
