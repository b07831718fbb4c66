package io.qwark.engine.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import io.qwark.engine.api.UserException;

/** The libtorch that is loaded into this process. */
public final class TorchRuntime {
  private static final String PROBLEM = "Cannot load libtorch";

  static {
    // Unless the user decides otherwise, DJL neither downloads anything nor reports its use.
    setDefault("ai.djl.offline");
    setDefault("OPT_OUT_TRACKING");
  }

  private TorchRuntime() {}

  private static void setDefault(String property) {
    if (System.getProperty(property) == null && System.getenv(property) == null) {
      System.setProperty(property, "true");
    }
  }

  /**
   * Loads libtorch, if it is not yet, and checks that it can serve the device.
   *
   * @param device cpu or cuda:N
   * @throws UserException if it cannot
   */
  public static void require(String device) {
    if (!device.equals("cpu")) {
      throw new UserException(
          "Cannot place a replica on " + device,
          "this version computes on the CPU only",
          "Leave out spark.executor.resource.gpu.* and spark.task.resource.gpu.*");
    }
    version();
  }

  /**
   * Loads libtorch, if it is not yet.
   *
   * @return its version
   * @throws UserException if it cannot be loaded
   */
  public static String version() {
    try {
      return Engine.getEngine("PyTorch").getVersion();
    } catch (RuntimeException | LinkageError e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new UserException(
          PROBLEM,
          root.getMessage() == null ? root.toString() : root.getMessage(),
          "Put pytorch-native-cpu for this platform on the class path, or name a folder with"
              + " libtorch in PYTORCH_LIBRARY_PATH",
          e);
    }
  }

  /** Whether the libtorch that is loaded is built for CUDA and finds a card that it can use. */
  public static boolean servesCuda() {
    return Engine.getEngine("PyTorch").hasCapability(StandardCapabilities.CUDA);
  }
}
