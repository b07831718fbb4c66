package io.qwark.engine.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.util.Utils;
import io.qwark.engine.api.UserException;

/** The libtorch that is loaded into this process. */
public final class TorchRuntime {
  private static final String PROBLEM = "Cannot load libtorch";

  static {
    // Unless the user decides otherwise, DJL neither downloads anything nor reports its use.
    setDefault("ai.djl.offline", "true");
    setDefault("OPT_OUT_TRACKING", "true");
  }

  private static boolean checked;

  private TorchRuntime() {}

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null && System.getenv(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Loads libtorch, if it is not yet. Whether it can serve the device shows when a model is loaded.
   *
   * @param device cpu or cuda:N
   * @throws UserException if it cannot be loaded, or there is no such kind of device
   */
  public static void require(String device) {
    if (!device.matches("cpu|cuda:\\d{1,4}")) {
      throw new UserException(
          "Cannot place a replica on " + device,
          "a device is cpu or cuda:N, N being the number of a card on this host",
          "Let spark.executor.resource.gpu.discoveryScript print such numbers as addresses");
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
    checkOnce();
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
          Utils.getEnvOrSystemProperty(LibtorchCheck.PATH) == null
              ? "Put pytorch-native-cpu for this platform on the class path, or name a folder with"
                  + " libtorch in PYTORCH_LIBRARY_PATH"
              : "See that the PyTorch in PYTORCH_LIBRARY_PATH works by itself (`import torch`) on this"
                  + " host",
          e);
    }
  }

  /** Nothing is loaded yet when this is called for the first time. */
  private static synchronized void checkOnce() {
    if (!checked) {
      LibtorchCheck.settingsFor(BundledTorch.onClassPath(), Utils::getEnvOrSystemProperty)
          .forEach(TorchRuntime::setDefault);
      checked = true;
    }
  }

  /** Whether the libtorch that is loaded is built for CUDA and finds a card that it can use. */
  public static boolean servesCuda() {
    version();
    return Engine.getEngine("PyTorch").hasCapability(StandardCapabilities.CUDA);
  }
}
