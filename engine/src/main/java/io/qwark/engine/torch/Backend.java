package io.qwark.engine.torch;

import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;

/**
 * How a model's program is made up.
 *
 * @param quantization not auto
 * @param lmHead how the output layer is held; not auto
 * @param kernels stock or native
 * @param kvCacheDtype not auto
 * @param device cpu or cuda:N
 */
public record Backend(
    Quantization quantization,
    Quantization lmHead,
    Kernels kernels,
    KvCacheDtype kvCacheDtype,
    String device) {
  public static final String CPU = "cpu";

  /** On the CPU, with the output layer in int8 beside int4, and else like the other weights. */
  public Backend(Quantization quantization, Kernels kernels, KvCacheDtype kvCacheDtype) {
    this(
        quantization,
        quantization == Quantization.INT4 ? Quantization.INT8 : quantization,
        kernels,
        kvCacheDtype,
        CPU);
  }

  /**
   * What serves these wishes on this machine's CPU.
   *
   * @throws UserException if nothing does
   */
  public static Backend choose(
      Quantization quantization, Kernels kernels, KvCacheDtype kvCacheDtype, ModelConfig config) {
    return choose(quantization, kernels, kvCacheDtype, config, CPU);
  }

  /**
   * What serves these wishes on a device.
   *
   * @param device cpu or cuda:N; whether it is there is not looked at
   * @throws UserException if nothing does
   */
  public static Backend choose(
      Quantization quantization,
      Kernels kernels,
      KvCacheDtype kvCacheDtype,
      ModelConfig config,
      String device) {
    if (!device.equals(CPU)) {
      return CudaBackend.choose(quantization, kernels, kvCacheDtype, config, device);
    }
    Quantization chosen = quantization == Quantization.AUTO ? Quantization.FLOAT32 : quantization;
    if (chosen == Quantization.FP8) {
      throw new UserException(
          "Cannot multiply in fp8",
          "processors have no operators for it",
          "Set `quantization` to int8, bfloat16 or float32, or use a GPU");
    }
    if (chosen == Quantization.INT4) {
      Int4Shapes.check(config);
    }
    String obstacle = obstacle(chosen, config);
    if (kernels == Kernels.NATIVE && obstacle != null) {
      throw new UserException(
          "Cannot compute with native kernels", obstacle, "Set `kernels` to auto or stock");
    }
    boolean useNative = kernels != Kernels.STOCK && obstacle == null;
    KvCacheDtype dtype =
        chosen == Quantization.BFLOAT16
            ? bfloat16Cache(kvCacheDtype)
            : cache(kvCacheDtype, kernels, useNative, obstacle);
    return new Backend(chosen, useNative ? Kernels.NATIVE : Kernels.STOCK, dtype);
  }

  /**
   * The same with the output layer held as it is wished.
   *
   * @throws UserException if it cannot be held so
   */
  public Backend withLmHead(LmHeadQuantization wanted, ModelConfig config) {
    wanted.checkBeside(quantization);
    if (wanted == LmHeadQuantization.AUTO) {
      return this;
    }
    if (!onCpu()) {
      throw new UserException(
          "Cannot hold the output layer in " + wanted.wireName() + " on " + device,
          "it is held in " + lmHead.wireName() + " there",
          "Set `lm_head_quantization` to auto, or use the CPU");
    }
    if (wanted == LmHeadQuantization.INT8) {
      return new Backend(quantization, Quantization.INT8, kernels, kvCacheDtype, device);
    }
    if (!usesNativeKernels()) {
      String obstacle = obstacle(quantization, config);
      throw new UserException(
          "Cannot hold the output layer in int4",
          "stock operators would round scores to bfloat16, so that tokens tie, and "
              + (obstacle == null
                  ? "`kernels` is stock"
                  : "native kernels do not serve: " + obstacle),
          obstacle == null
              ? "Set `lm_head_quantization` to auto or int8, or `kernels` to auto"
              : "Set `lm_head_quantization` to auto or int8");
    }
    return new Backend(quantization, Quantization.INT4, kernels, kvCacheDtype, device);
  }

  private static KvCacheDtype cache(
      KvCacheDtype wanted, Kernels kernels, boolean useNative, String obstacle) {
    if (wanted == KvCacheDtype.AUTO) {
      return useNative ? KvCacheDtype.BFLOAT16 : KvCacheDtype.FLOAT32;
    }
    if (wanted != KvCacheDtype.FLOAT32 && !useNative) {
      String name = wanted.wireName();
      throw new UserException(
          "Cannot hold keys and values in " + name,
          kernels == Kernels.STOCK
              ? "`kernels` is stock, and only native kernels read " + name
              : "only native kernels read " + name + ", and " + obstacle,
          "Set `kv_cache_dtype` to auto or float32");
    }
    return wanted;
  }

  /** Where activations are bfloat16, keys and values are, too. */
  static KvCacheDtype bfloat16Cache(KvCacheDtype wanted) {
    if (wanted != KvCacheDtype.AUTO && wanted != KvCacheDtype.BFLOAT16) {
      throw new UserException(
          "Cannot hold keys and values in " + wanted.wireName(),
          "they are held as they are computed here, in bfloat16",
          "Set `kv_cache_dtype` to auto or bfloat16");
    }
    return KvCacheDtype.BFLOAT16;
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
    return bits(quantization);
  }

  /** Of the output layer in native kernels. */
  int lmHeadBits() {
    return bits(lmHead);
  }

  private static int bits(Quantization quantization) {
    return quantization == Quantization.INT4 ? 4 : 8;
  }

  boolean usesNativeKernels() {
    return kernels == Kernels.NATIVE;
  }

  public boolean onCpu() {
    return device.equals(CPU);
  }

  /** Whether its layers are those of layers_any.torchscript. */
  boolean usesAnyLayers() {
    return !onCpu() || quantization == Quantization.BFLOAT16;
  }

  /** Number of the type in libtorch that vectors have and what flows between layers. */
  long activationType() {
    return usesAnyLayers() && quantization != Quantization.FLOAT32
        ? Checkpoint.BFLOAT16
        : Checkpoint.FLOAT32;
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

  /**
   * Bytes of the weights, without what a scale a row takes.
   *
   * @param parameters of the model, an embedding that is the output layer, too, counted once or
   *     twice
   */
  public long weightBytes(ModelConfig config, long parameters) {
    long table = (long) config.vocabSize() * config.hiddenSize();
    long tables = Math.min(parameters, config.tieWordEmbeddings() ? table : 2 * table);
    long layers = parameters - tables;
    return switch (quantization) {
      case AUTO -> throw new IllegalStateException("not resolved");
      case FLOAT32 -> parameters * Float.BYTES;
      case BFLOAT16 -> parameters * Short.BYTES;
      case INT8, FP8 -> layers + tableBytes(tables, Math.min(table, tables));
      case INT4 -> int4Bytes(layers) + tableBytes(tables, Math.min(table, tables));
    };
  }

  /** On the CPU the embedding stays in its file, seldom read; on a GPU tables are bfloat16. */
  private long tableBytes(long tables, long head) {
    if (!onCpu()) {
      return tables * Short.BYTES;
    }
    return lmHead == Quantization.INT4 ? int4Bytes(head) + tables - head : tables;
  }

  /** Half a byte each, and for 32 a step and a base of a byte, or a scale and a middle of two. */
  private long int4Bytes(long weights) {
    return weights / PackedWeight.GROUP * (usesNativeKernels() ? PackedWeight.GROUP_BYTES : 20);
  }
}
