package io.qwark.udf.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A real standalone Spark cluster on this machine: one master and two workers, each a process of
 * its own that starts one executor process, on 127.0.0.1 and free ports. Closing it ends all
 * processes; they also end when this process dies.
 *
 * <p>Workers find Spark in the folder that the system property {@code qwark.spark.home} names.
 * {@link #conf} adds this process's classes to the executors; what is submitted by {@code
 * spark-submit} needs {@link #masterUrl} alone.
 */
public final class LocalCluster implements AutoCloseable {
  public static final int WORKERS = 2;

  private static final Duration START = Duration.ofSeconds(180);

  /**
   * What each worker has.
   *
   * @param cores all for its one executor
   * @param memory such as {@code 2g}; an executor's heap must fit in
   * @param inventedGpu whether it says it has a GPU: address 0 on the first, 1 on the second
   */
  public record Size(int cores, String memory, boolean inventedGpu) {}

  private final Size size;
  private final SparkFolder folder;
  private final List<SparkProcess> processes = new ArrayList<>();
  private String masterUrl;

  private LocalCluster(Size size, SparkFolder folder) {
    this.size = size;
    this.folder = folder;
  }

  /** Starts a cluster and waits until both workers have joined it. */
  public static LocalCluster start(Size size) throws IOException, InterruptedException {
    LocalCluster cluster = new LocalCluster(size, SparkFolder.create());
    try {
      cluster.startProcesses();
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void startProcesses() throws IOException, InterruptedException {
    SparkProcess master =
        launch(
            "master",
            List.of(),
            "org.apache.spark.deploy.master.Master",
            List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
    masterUrl =
        master
            .awaitLog("Starting Spark master at (spark://127\\.0\\.0\\.1:[1-9]\\d*)", START)
            .group(1);
    for (int i = 0; i < WORKERS; i++) {
      launch(
          "worker" + i,
          size.inventedGpu() ? gpu(i) : List.of(),
          "org.apache.spark.deploy.worker.Worker",
          List.of(
              "--host",
              "127.0.0.1",
              "--port",
              "0",
              "--webui-port",
              "0",
              "--cores",
              Integer.toString(size.cores()),
              "--memory",
              size.memory(),
              "--work-dir",
              folder.root().resolve("work" + i).toString(),
              masterUrl));
    }
    for (SparkProcess worker : processes.subList(1, processes.size())) {
      worker.awaitLog("Successfully registered with master", START);
    }
  }

  private List<String> gpu(int address) throws IOException {
    Path script =
        folder.script(
            "gpu" + address, "{\"name\": \"gpu\", \"addresses\": [\"%d\"]}".formatted(address));
    return List.of(
        "-Dspark.worker.resource.gpu.amount=1",
        "-Dspark.worker.resource.gpu.discoveryScript=" + script);
  }

  private SparkProcess launch(
      String name, List<String> javaOptions, String mainClass, List<String> arguments)
      throws IOException {
    SparkProcess process = SparkProcess.launch(folder, name, javaOptions, mainClass, arguments);
    processes.add(process);
    return process;
  }

  /** Such as {@code spark://127.0.0.1:34567}. */
  public String masterUrl() {
    return masterUrl;
  }

  /**
   * Settings of a driver in this process: where the cluster is, that both executors be there before
   * the first task, and that they have this process's classes.
   */
  public Map<String, String> conf() {
    Map<String, String> conf = new HashMap<>();
    conf.put("spark.master", masterUrl);
    conf.put("spark.driver.host", "127.0.0.1");
    conf.put("spark.driver.bindAddress", "127.0.0.1");
    conf.put("spark.ui.enabled", "false");
    conf.put("spark.executor.cores", Integer.toString(size.cores()));
    conf.put("spark.executor.memory", size.memory());
    conf.put("spark.cores.max", Integer.toString(WORKERS * size.cores()));
    conf.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    conf.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
    conf.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    if (size.inventedGpu()) {
      // Others on this machine may have invented the same.
      conf.put("spark.qwark.gpu.lockFolder", lockFolder().toString());
      conf.put("spark.executor.resource.gpu.amount", "1");
      conf.put("spark.task.resource.gpu.amount", Double.toString(1.0 / size.cores()));
    }
    return conf;
  }

  /** Where executors lock their GPUs. */
  public Path lockFolder() {
    return folder.root().resolve("locks");
  }

  /** What all processes logged so far, executors included, to be shown when a test fails. */
  public String logs() throws IOException {
    return folder.logs();
  }

  /** Ends all processes and deletes what they wrote. */
  @Override
  public void close() throws IOException {
    // Workers before their master, which they would look for.
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
    folder.delete();
  }
}
