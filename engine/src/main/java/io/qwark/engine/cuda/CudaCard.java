package io.qwark.engine.cuda;

/**
 * A card that this process may use.
 *
 * @param index N of the device {@code cuda:N}: counts what CUDA_VISIBLE_DEVICES leaves, in the
 *     order of CUDA_DEVICE_ORDER, which need not be that of nvidia-smi
 * @param name such as NVIDIA H100 80GB HBM3
 * @param uuid 32 hexadecimal digits with dashes, without the GPU- or MIG- that nvidia-smi puts
 *     before them
 * @param major of the compute capability
 * @param minor of the compute capability
 * @param memory bytes in all
 */
public record CudaCard(int index, String name, String uuid, int major, int minor, long memory) {

  public String device() {
    return "cuda:" + index;
  }

  /** Device and name, for people. */
  public String title() {
    return device() + " (" + name + ")";
  }

  /** Such as 9.0. */
  public String capability() {
    return major + "." + minor;
  }

  /** Whether the compute capability is that or higher. */
  public boolean isAtLeast(int major, int minor) {
    return this.major > major || (this.major == major && this.minor >= minor);
  }
}
