package io.qwark.engine.model;

/**
 * A call that needed more memory than its device had free. Moves that had come before are done, and
 * what else lies in the cache is as it was but for the slots of the call's own tokens; a smaller
 * step may go well.
 */
public final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
