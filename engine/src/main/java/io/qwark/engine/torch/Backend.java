package io.qwark.engine.torch;

import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;

/**
 * How a model's program is made up.
 *
 * @param kernels stock or native
 * @param kvCacheDtype not auto
 */
public record Backend(Quantization quantization, Kernels kernels, KvCacheDtype kvCacheDtype) {

  /**
   * What serves these wishes on this machine.
   *
   * @throws UserException if nothing does
   */
  public static Backend choose(
      Quantization quantization, Kernels kernels, KvCacheDtype kvCacheDtype, ModelConfig config) {
    if (quantization == Quantization.INT4) {
      Int4Shapes.check(config);
    }
    String obstacle = obstacle(quantization, config);
    if (kernels == Kernels.NATIVE && obstacle != null) {
      throw new UserException(
          "Cannot compute with native kernels", obstacle, "Set `kernels` to auto or stock");
    }
    boolean useNative = kernels != Kernels.STOCK && obstacle == null;
    if ((kvCacheDtype == KvCacheDtype.BFLOAT16 || kvCacheDtype == KvCacheDtype.INT8)
        && !useNative) {
      String name = kvCacheDtype.wireName();
      throw new UserException(
          "Cannot hold keys and values in " + name,
          kernels == Kernels.STOCK
              ? "`kernels` is stock, and only native kernels read " + name
              : "only native kernels read " + name + ", and " + obstacle,
          "Set `kv_cache_dtype` to auto or float32");
    }
    KvCacheDtype dtype = kvCacheDtype;
    if (dtype == KvCacheDtype.AUTO) {
      dtype = useNative ? KvCacheDtype.BFLOAT16 : KvCacheDtype.FLOAT32;
    }
    return new Backend(quantization, useNative ? Kernels.NATIVE : Kernels.STOCK, dtype);
  }

  /** Why native kernels cannot serve this model here; null if they can. */
  public static String obstacle(Quantization quantization, ModelConfig config) {
    if (quantization != Quantization.INT8 && quantization != Quantization.INT4) {
      return "they multiply in whole numbers, and the quantization is " + quantization.wireName();
    }
    if (config.headDim() % 16 != 0) {
      return "they need a head_dim that is a multiple of 16, and the model's is "
          + config.headDim();
    }
    if (config.numAttentionHeads() / config.numKeyValueHeads() > 32) {
      return "they serve up to 32 query heads to a key head";
    }
    if (config.hiddenSize() % 4 != 0 || config.intermediateSize() % PackedWeight.TURN != 0) {
      return "they need a hidden_size that is a multiple of 4 and an intermediate_size that is one of "
          + PackedWeight.TURN;
    }
    return NativeKernels.unavailable();
  }

  /** Of the layers' weights in native kernels. */
  int weightBits() {
    return quantization == Quantization.INT4 ? 4 : 8;
  }

  boolean usesNativeKernels() {
    return kernels == Kernels.NATIVE;
  }

  /** Bytes of a number in the cache. */
  int cacheBytes() {
    return switch (kvCacheDtype) {
      case INT8 -> 1;
      case BFLOAT16 -> 2;
      default -> 4;
    };
  }

  /** Number of the cache's type in libtorch. */
  long cacheType() {
    return switch (kvCacheDtype) {
      case INT8 -> 1;
      case BFLOAT16 -> 15;
      default -> 6;
    };
  }

  /** Bytes of one token in the KV cache, over all layers. */
  public long cacheBytesPerToken(ModelConfig config) {
    int scale = kvCacheDtype == KvCacheDtype.INT8 ? Float.BYTES : 0;
    long vector = (long) cacheBytes() * config.headDim() + scale;
    return 2 * vector * config.numHiddenLayers() * config.numKeyValueHeads();
  }
}
