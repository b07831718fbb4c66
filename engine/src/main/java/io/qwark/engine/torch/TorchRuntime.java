package io.qwark.engine.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.util.Utils;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.Cuda;
import io.qwark.engine.cuda.CudaCard;

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
   * Loads libtorch, if it is not yet, and checks that it can serve the device.
   *
   * @param device cpu or cuda:N
   * @throws UserException if there is no such device, or libtorch cannot be loaded or serve it
   */
  public static void require(String device) {
    if (device.equals(Backend.CPU)) {
      version();
      return;
    }
    Cards cards = Cuda.look();
    CudaCard card = cards.require(device);
    String version = version();
    if (!servesCuda()) {
      throw new UserException(
          "Cannot place a replica on " + card.title(),
          "libtorch " + version + " serves no CUDA here; the driver is " + cards.driver(),
          "Set PYTORCH_LIBRARY_PATH to a PyTorch that was built for a CUDA that the driver serves;"
              + " docs/gpu.md says how");
    }
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
