package io.qwark.engine.torch;

import java.util.List;

/**
 * Tells from libtorch's words that CUDA is of no use any more in this process. CUDA's documentation
 * says of each of these errors (cudaError in its Runtime API) that every later call returns the
 * same one until the process is started anew.
 */
final class DeviceLost {
  /** How PyTorch begins them. */
  private static final String CUDA = "CUDA error: ";

  /** CUDA's own words for them. */
  private static final List<String> WORDS =
      List.of(
          "an illegal memory access was encountered",
          "an illegal instruction was encountered",
          "device-side assert triggered",
          "hardware stack error",
          "invalid program counter",
          "misaligned address",
          "operation not supported on global/shared address space",
          "the launch timed out and was terminated",
          "uncorrectable ECC error encountered",
          "uncorrectable NVLink error detected during the execution",
          "unspecified launch failure");

  private DeviceLost() {}

  static boolean is(String message) {
    return message != null && WORDS.stream().anyMatch(words -> message.contains(CUDA + words));
  }
}
