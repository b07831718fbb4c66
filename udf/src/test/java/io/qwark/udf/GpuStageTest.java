package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ResourceProfile;
import org.junit.jupiter.api.Test;

class GpuStageTest {
  private final SparkConf conf = new SparkConf(false).setMaster("yarn");

  @Test
  void withoutDynamicAllocationOnlyTasksAreAskedFor() {
    ResourceProfile profile = GpuStage.ofTasks(8).profile(conf);
    assertEquals(0.125, profile.taskResourcesJMap().get("gpu").amount());
    assertTrue(profile.executorResourcesJMap().isEmpty(), profile::toString);
  }

  @Test
  void withDynamicAllocationTheStageHasExecutorsOfItsOwn() {
    conf.set("spark.dynamicAllocation.enabled", "true");
    GpuStage stage = new GpuStage(4, 8, "8g", "16g", "./gpu-discovery.sh", "nvidia.com");
    var executor = stage.profile(conf).executorResourcesJMap();
    assertEquals(1, executor.get("gpu").amount());
    assertEquals("./gpu-discovery.sh", executor.get("gpu").discoveryScript());
    assertEquals("nvidia.com", executor.get("gpu").vendor());
    assertEquals(8, executor.get("cores").amount());
    // Spark counts it in MiB.
    assertEquals(8192, executor.get("memory").amount());
    assertEquals(16384, executor.get("memoryOverhead").amount());
    assertEquals(1, GpuStage.ofTasks(4).profile(conf).executorResourcesJMap().size());
  }

  @Test
  void sparkFindsRoomForEveryTaskOfACard() {
    for (int tasks = 1; tasks <= 1000; tasks++) {
      // As Spark has it: ResourceUtils.calculateAmountAndPartsForFraction.
      assertEquals(tasks, (int) Math.floor(1 / GpuStage.ofTasks(tasks).taskAmount()));
    }
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThrows(UserException.class, () -> GpuStage.ofTasks(0));
    assertThrows(UserException.class, () -> GpuStage.ofTasks(1001));
    assertThrows(UserException.class, () -> new GpuStage(1, 0, null, null, null, null));
    conf.set("spark.dynamicAllocation.enabled", "true");
    GpuStage much = new GpuStage(1, null, "much", null, null, null);
    assertThrows(UserException.class, () -> much.profile(conf));
  }
}
