package io.qwark.udf;

import io.qwark.engine.api.UserException;
import org.apache.spark.SparkConf;

/** What cluster managers must be told so that an executor finds the cards that it was given. */
final class GpuDiscovery {
  /** Code instead of a script; who sets it knows what it finds. */
  private static final String PLUGIN = "spark.resources.discoveryPlugin";

  private GpuDiscovery() {}

  /** Of executors that the whole application has. */
  static void checkExecutors(SparkConf conf) {
    String keys = GpuSettings.EXECUTOR;
    check(conf, keys, conf.get(keys + "discoveryScript", null), conf.get(keys + "vendor", null));
  }

  /**
   * Workers of a standalone cluster have their own script; elsewhere each executor looks itself.
   *
   * @param keys what the keys of script and vendor begin with, for messages
   * @param script or null
   * @param vendor or null
   */
  static void check(SparkConf conf, String keys, String script, String vendor) {
    String master = conf.get("spark.master", "");
    boolean onKubernetes = master.startsWith("k8s://");
    if (!onKubernetes && !master.equals("yarn")) {
      return;
    }
    if (script == null && !conf.contains(PLUGIN)) {
      throw new UserException(
          "Cannot find the executors' GPUs",
          "on YARN and Kubernetes each executor asks a script which cards it was given, and "
              + keys
              + "discoveryScript is not set",
          "Use conf/gpu-discovery.sh for it; docs/gpu.md shows how it comes to the executors");
    }
    if (onKubernetes && vendor == null) {
      throw new UserException(
          "Cannot ask Kubernetes for GPUs",
          "it knows them by their vendor, and " + keys + "vendor is not set",
          "Set it to nvidia.com");
    }
  }
}
