package io.qwark.engine.cuda;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Calls of NVIDIA's driver API, whose library comes with the driver. Names with _v2 are what cuda.h
 * makes of the plain ones since CUDA 4; the plain ones are still there and mean something else.
 */
final class CudaDriver {
  // CUdevice_attribute in cuda.h
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;

  private static final int MOST_NAME_BYTES = 256;

  private final NativeLibrary library;

  private CudaDriver(NativeLibrary library) {
    this.library = library;
  }

  /**
   * @param library name or path
   * @throws UnsatisfiedLinkError if it cannot be loaded
   */
  static CudaDriver load(String library) {
    return new CudaDriver(NativeLibrary.getInstance(library));
  }

  /** Comes before all others; may be called again. */
  void init() throws DriverException {
    call("cuInit", 0);
  }

  /** The newest CUDA that it serves, such as 12.8. */
  String cuda() throws DriverException {
    IntByReference version = new IntByReference();
    call("cuDriverGetVersion", version);
    return version.getValue() / 1000 + "." + version.getValue() % 1000 / 10;
  }

  int count() throws DriverException {
    IntByReference count = new IntByReference();
    call("cuDeviceGetCount", count);
    return count.getValue();
  }

  CudaCard card(int index) throws DriverException {
    int device = device(index);
    return new CudaCard(
        index,
        name(device),
        uuid(device),
        attribute(CAPABILITY_MAJOR, device),
        attribute(CAPABILITY_MINOR, device),
        memory(device));
  }

  /**
   * Goes onto the card with this process and leaves it again, unless the process is there for other
   * reasons: the driver tells what is free to those that are there only.
   */
  CardMemory look(int index) throws DriverException {
    int device = device(index);
    PointerByReference context = new PointerByReference();
    call("cuDevicePrimaryCtxRetain", context, device);
    try {
      call("cuCtxPushCurrent_v2", context.getValue());
      try {
        Memory numbers = new Memory(2 * Long.BYTES);
        call("cuMemGetInfo_v2", numbers, numbers.share(Long.BYTES));
        return new CardMemory(numbers.getLong(Long.BYTES), numbers.getLong(0));
      } finally {
        call("cuCtxPopCurrent_v2", new PointerByReference());
      }
    } finally {
      call("cuDevicePrimaryCtxRelease_v2", device);
    }
  }

  private int device(int index) throws DriverException {
    IntByReference device = new IntByReference();
    call("cuDeviceGet", device, index);
    return device.getValue();
  }

  private String name(int device) throws DriverException {
    Memory name = new Memory(MOST_NAME_BYTES + 1);
    name.clear();
    call("cuDeviceGetName", name, MOST_NAME_BYTES, device);
    return name.getString(0, "UTF-8").strip();
  }

  /** Where a card is split, _v2 tells of the part. It came with CUDA 11.4. */
  private String uuid(int device) throws DriverException {
    Memory bytes = new Memory(2 * Long.BYTES);
    call(has("cuDeviceGetUuid_v2") ? "cuDeviceGetUuid_v2" : "cuDeviceGetUuid", bytes, device);
    ByteBuffer numbers = ByteBuffer.wrap(bytes.getByteArray(0, 2 * Long.BYTES));
    return new UUID(numbers.getLong(), numbers.getLong()).toString();
  }

  private int attribute(int which, int device) throws DriverException {
    IntByReference value = new IntByReference();
    call("cuDeviceGetAttribute", value, which, device);
    return value.getValue();
  }

  private long memory(int device) throws DriverException {
    Memory bytes = new Memory(Long.BYTES);
    call("cuDeviceTotalMem_v2", bytes, device);
    return bytes.getLong(0);
  }

  private boolean has(String function) {
    try {
      library.getFunction(function);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  private void call(String function, Object... arguments) throws DriverException {
    int code = library.getFunction(function).invokeInt(arguments);
    if (code != 0) {
      throw new DriverException(function, code, error(code));
    }
  }

  private String error(int code) {
    PointerByReference name = new PointerByReference();
    int known = library.getFunction("cuGetErrorName").invokeInt(new Object[] {code, name});
    Pointer text = name.getValue();
    return known == 0 && text != null ? text.getString(0) : "error";
  }
}
