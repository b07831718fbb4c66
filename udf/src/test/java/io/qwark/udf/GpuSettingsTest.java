package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class GpuSettingsTest {
  private static final String EXECUTOR = "spark.executor.resource.gpu.amount";
  private static final String SCRIPT = "spark.executor.resource.gpu.discoveryScript";
  private static final String VENDOR = "spark.executor.resource.gpu.vendor";
  private static final String TASK = "spark.task.resource.gpu.amount";
  private static final String DYNAMIC = "spark.dynamicAllocation.enabled";

  private static SparkConf conf(String master, String... settings) {
    SparkConf conf = new SparkConf(false).setMaster(master);
    for (int i = 0; i < settings.length; i += 2) {
      conf.set(settings[i], settings[i + 1]);
    }
    return conf;
  }

  private static void assertMistake(SparkConf conf, GpuStage stage, String... parts) {
    UserException mistake = assertThrows(UserException.class, () -> GpuSettings.check(conf, stage));
    for (String part : parts) {
      assertTrue(mistake.getMessage().contains(part), mistake.getMessage());
    }
  }

  @Test
  void clustersWithoutGpusPass() {
    GpuSettings.check(conf("local[*]"), null);
    GpuSettings.check(conf("spark://h:7077"), null);
    GpuSettings.check(conf("yarn", EXECUTOR, "0", TASK, "0"), null);
  }

  @Test
  void whatEachClusterManagerNeedsPasses() {
    GpuSettings.check(conf("spark://h:7077", EXECUTOR, "1", TASK, "0.125"), null);
    GpuSettings.check(conf("local-cluster[2,1,1024]", EXECUTOR, "2", TASK, "1"), null);
    GpuSettings.check(conf("yarn", EXECUTOR, "1", TASK, "0.5", SCRIPT, "./x.sh"), null);
    GpuSettings.check(
        conf("yarn", EXECUTOR, "1", TASK, "0.5", "spark.resources.discoveryPlugin", "a.B"), null);
    GpuSettings.check(
        conf("k8s://h", EXECUTOR, "1", TASK, "1", SCRIPT, "/x.sh", VENDOR, "nvidia.com"), null);
    GpuSettings.check(conf("local[2]", "spark.driver.resource.gpu.amount", "1"), null);
  }

  @Test
  void gpusThatNoTaskAsksForAreRefused() {
    assertMistake(conf("spark://h:7077", EXECUTOR, "1"), null, TASK + " is not", "such as 0.125");
  }

  @Test
  void moreThanOneGpuForAReplicaIsRefused() {
    assertMistake(conf("spark://h:7077", EXECUTOR, "2", TASK, "2"), null, TASK + " is more than 1");
    assertMistake(
        conf("local[2]", "spark.driver.resource.gpu.amount", "2"), null, "driver.resource.gpu");
  }

  @Test
  void executorsThatCannotFindTheirGpusAreRefused() {
    assertMistake(conf("yarn", EXECUTOR, "1", TASK, "1"), null, SCRIPT, "gpu-discovery.sh");
    assertMistake(conf("k8s://h", EXECUTOR, "1", TASK, "1", VENDOR, "x"), null, SCRIPT);
    assertMistake(conf("k8s://h", EXECUTOR, "1", TASK, "1", SCRIPT, "x"), null, VENDOR);
  }

  @Test
  void gpusOfExecutorsThatThereAreNotAreRefused() {
    assertMistake(conf("local[2]", EXECUTOR, "1"), null, "local[2]", "spark.driver.resource.gpu");
    assertMistake(conf("local", TASK, "0.5"), null, "no executors");
    assertMistake(conf("local[*]"), GpuStage.ofTasks(2), "no executors");
  }

  @Test
  void anAmountThatIsNoNumberIsRefused() {
    assertMistake(conf("spark://h:7077", EXECUTOR, "one"), null, EXECUTOR + " = one");
  }

  @Test
  void aStageOfTasksNeedsExecutorsWithGpus() {
    GpuSettings.check(conf("spark://h:7077", EXECUTOR, "1"), GpuStage.ofTasks(4));
    assertMistake(conf("spark://h:7077"), GpuStage.ofTasks(4), EXECUTOR + " is not set");
    assertMistake(conf("yarn", EXECUTOR, "1"), GpuStage.ofTasks(4), SCRIPT);
  }

  @Test
  void executorsOfAStagesOwnNeedDynamicAllocation() {
    GpuStage stage = new GpuStage(4, 8, "8g", "16g", "./x.sh", "nvidia.com");
    GpuSettings.check(conf("k8s://h", DYNAMIC, "true"), stage);
    GpuSettings.check(conf("spark://h:7077", DYNAMIC, "true"), GpuStage.ofTasks(4));
    assertMistake(conf("k8s://h", EXECUTOR, "1"), stage, DYNAMIC);
    assertMistake(conf("yarn", DYNAMIC, "true"), GpuStage.ofTasks(4), "discoveryScript");
  }

  @Test
  void aLockIsOfAFolderInTmpUnlessToldOtherwise() {
    SparkConf conf = conf("spark://h:7077");
    assertEquals(
        new CardLock(CardLock.defaultFolder(), "GPU-1", "me", Duration.ofSeconds(30)),
        GpuSettings.lock(conf, "GPU-1", "me"));
    conf.set("spark.qwark.gpu.lockFolder", "/locks").set("spark.qwark.gpu.lockTimeout", "2m");
    assertEquals(
        new CardLock(Path.of("/locks"), "GPU-1", "me", Duration.ofMinutes(2)),
        GpuSettings.lock(conf, "GPU-1", "me"));
    conf.set("spark.qwark.gpu.shared", "true");
    assertNull(GpuSettings.lock(conf, "GPU-1", "me"));
  }
}
