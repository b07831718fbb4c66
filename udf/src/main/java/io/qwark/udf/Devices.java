package io.qwark.udf;

import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Which device a task's replica stands on. */
final class Devices {
  private static final String GPU = "gpu";

  private Devices() {}

  /** {@code cuda:N} for the first GPU address that Spark gave the task, else {@code cpu}. */
  static String of(TaskContext context) {
    ResourceInformation gpu = context.resourcesJMap().get(GPU);
    return gpu == null || gpu.addresses().length == 0 ? "cpu" : "cuda:" + gpu.addresses()[0];
  }
}
