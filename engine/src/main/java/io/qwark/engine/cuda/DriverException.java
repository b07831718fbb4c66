package io.qwark.engine.cuda;

/** A call that NVIDIA's driver refused. */
final class DriverException extends Exception {
  private static final long serialVersionUID = 1L;

  // CUresult in cuda.h
  static final int OUT_OF_MEMORY = 2;
  static final int STUB_LIBRARY = 34;
  static final int DEVICE_UNAVAILABLE = 46;
  static final int NO_DEVICE = 100;
  static final int SYSTEM_NOT_READY = 802;
  static final int SYSTEM_DRIVER_MISMATCH = 803;

  private final int code;

  /**
   * @param error such as CUDA_ERROR_NO_DEVICE
   */
  DriverException(String function, int code, String error) {
    super(function + " says " + error + " (" + code + ")");
    this.code = code;
  }

  int code() {
    return code;
  }
}
