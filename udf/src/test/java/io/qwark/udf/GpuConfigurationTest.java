package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings that come with the project, read as spark-submit reads them. */
class GpuConfigurationTest {
  private static final Path ROOT = Path.of(System.getProperty("qwark.root"));

  private static SparkConf read(String manager) throws Exception {
    Properties properties = new Properties();
    try (Reader reader =
        Files.newBufferedReader(ROOT.resolve("conf/spark-gpu-" + manager + ".conf"))) {
      properties.load(reader);
    }
    SparkConf conf = new SparkConf(false);
    properties.forEach((key, value) -> conf.set((String) key, ((String) value).strip()));
    return conf;
  }

  @ParameterizedTest
  @CsvSource({
    "standalone, spark://host:7077",
    "yarn, yarn",
    "kubernetes, k8s://https://kubernetes.default.svc"
  })
  void anExecutorHasOneCardAndAsManyCoresAsTasksFeedIt(String manager, String master)
      throws Exception {
    SparkConf conf = read(manager);
    assertEquals(master, conf.get("spark.master", "spark://host:7077"));
    conf.set("spark.master", master);
    GpuSettings.check(conf, null);
    assertEquals("1", conf.get("spark.executor.resource.gpu.amount"));
    int cores = conf.getInt("spark.executor.cores", 0);
    assertEquals(
        GpuStage.ofTasks(cores).taskAmount(), conf.getDouble("spark.task.resource.gpu.amount", 0));
  }

  @Test
  void aLocalDriverHasOneCard() throws Exception {
    SparkConf conf = read("local");
    GpuSettings.check(conf, null);
    assertEquals("1", conf.get("spark.driver.resource.gpu.amount"));
  }

  @Test
  void theDiscoveryScriptIsWhereTheSettingsLookForIt() throws Exception {
    assertTrue(Files.isExecutable(ROOT.resolve("conf/gpu-discovery.sh")));
    assertEquals(
        "conf/gpu-discovery.sh", read("local").get("spark.driver.resource.gpu.discoveryScript"));
    SparkConf yarn = read("yarn");
    // YARN puts a file of the job, under its name alone, into each executor's working folder.
    assertEquals("conf/gpu-discovery.sh", yarn.get("spark.files"));
    assertEquals("./gpu-discovery.sh", yarn.get("spark.executor.resource.gpu.discoveryScript"));
    // The rest of that path is docker/Dockerfile's.
    assertTrue(
        read("kubernetes")
            .get("spark.executor.resource.gpu.discoveryScript")
            .endsWith("/conf/gpu-discovery.sh"));
  }

  @Test
  void thePageTellsOfEverySettingOfOurOwn() throws Exception {
    String page = Files.readString(ROOT.resolve("docs/gpu.md"));
    for (String key :
        List.of(GpuSettings.SHARED, GpuSettings.LOCK_FOLDER, GpuSettings.LOCK_TIMEOUT)) {
      assertTrue(page.contains("`" + key), key);
    }
  }
}
