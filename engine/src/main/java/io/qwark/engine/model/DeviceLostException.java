package io.qwark.engine.model;

/**
 * A call after which nothing can be computed on the model's device any more, whatever is called:
 * what broke lasts as long as this process, or as long as the device does not answer.
 */
public final class DeviceLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeviceLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
