package io.qwark.engine.torch;

import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;

/** What programs on NVIDIA GPUs can do: PyTorch's operators there and the shapes they take. */
public final class CudaBackend {
  /** Widest head of flash attention, and what heads are a multiple of (flash_api.cpp). */
  private static final int WIDEST_HEAD = 256;

  private static final int HEAD_STEP = 8;

  private CudaBackend() {}

  /**
   * The least compute capability whose operators serve a quantization, such as 80 for 8.0: flash
   * attention and bfloat16 came with 8.0; row-wise FP8 products are built for 9.0 on.
   */
  public static int leastCapability(Quantization quantization) {
    return switch (quantization) {
      case FLOAT32 -> 50;
      case FP8 -> 90;
      default -> 80;
    };
  }

  static Backend choose(
      Quantization quantization,
      Kernels kernels,
      KvCacheDtype kvCacheDtype,
      ModelConfig config,
      String device) {
    if (kernels == Kernels.NATIVE) {
      throw new UserException(
          "Cannot compute with native kernels on " + device,
          "they are made for CPUs",
          "Set `kernels` to auto or stock");
    }
    Quantization chosen = quantization == Quantization.AUTO ? Quantization.BFLOAT16 : quantization;
    if (chosen == Quantization.FLOAT32) {
      return new Backend(chosen, chosen, Kernels.STOCK, float32Cache(kvCacheDtype), device);
    }
    KvCacheDtype dtype = Backend.bfloat16Cache(kvCacheDtype);
    int headDim = config.headDim();
    if (headDim % HEAD_STEP != 0 || headDim > WIDEST_HEAD) {
      throw refused(
          device,
          "attention needs a head_dim that is a multiple of "
              + HEAD_STEP
              + " up to "
              + WIDEST_HEAD
              + ", and the model's is "
              + headDim,
          Quantization.FLOAT32);
    }
    if (chosen != Quantization.BFLOAT16) {
      CudaShapes.check(chosen, config, device);
    }
    return new Backend(chosen, Quantization.BFLOAT16, Kernels.STOCK, dtype, device);
  }

  private static KvCacheDtype float32Cache(KvCacheDtype wanted) {
    if (wanted != KvCacheDtype.AUTO && wanted != KvCacheDtype.FLOAT32) {
      throw new UserException(
          "Cannot hold keys and values in " + wanted.wireName(),
          "`quantization` is float32, and they are held as they are computed",
          "Set `kv_cache_dtype` to auto or float32, or `quantization` to bfloat16");
    }
    return KvCacheDtype.FLOAT32;
  }

  static UserException refused(String device, String reason, Quantization instead) {
    return new UserException(
        "Cannot run the model on " + device,
        reason,
        "Set `quantization` to " + instead.wireName() + ", or use the CPU");
  }
}
