package io.qwark.engine;

import io.qwark.engine.torch.TorchRuntime;

/** The native libraries that a replica needs. */
public final class NativeLibraries {
  private NativeLibraries() {}

  /**
   * Loads libtorch, as a replica would.
   *
   * @return its version
   * @throws io.qwark.engine.api.UserException if it cannot be loaded
   */
  public static String libtorch() {
    return TorchRuntime.version();
  }

  /**
   * Whether that libtorch is built for CUDA and finds a card that it can use; after {@link
   * #libtorch}.
   */
  public static boolean libtorchServesCuda() {
    return TorchRuntime.servesCuda();
  }
}
