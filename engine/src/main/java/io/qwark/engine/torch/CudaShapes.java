package io.qwark.engine.torch;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;

/** Matrices that PyTorch's quantized operators take on NVIDIA GPUs. */
final class CudaShapes {
  private CudaShapes() {}

  /**
   * @throws UserException if a matrix of the layers does not fit
   */
  static void check(Quantization quantization, ModelConfig config, String device) {
    // _int_mm: multiples of 8; _scaled_mm: of 16; _weight_int4pack_mm: of a group of 32.
    int inputs =
        switch (quantization) {
          case INT8 -> 8;
          case FP8 -> 16;
          default -> 32;
        };
    int outputs = quantization == Quantization.FP8 ? 16 : 8;
    long queries = (long) config.numAttentionHeads() * config.headDim();
    long keys = (long) config.numKeyValueHeads() * config.headDim();
    require(quantization, "hidden_size", config.hiddenSize(), Math.max(inputs, outputs), device);
    require(quantization, "intermediate_size", config.intermediateSize(), inputs, device);
    require(quantization, "num_attention_heads times head_dim", queries, inputs, device);
    require(
        quantization, "heads for queries, keys and values", queries + 2 * keys, outputs, device);
  }

  private static void require(
      Quantization quantization, String name, long size, int multiple, String device) {
    if (size % multiple != 0) {
      throw CudaBackend.refused(
          device,
          "products in "
              + quantization.wireName()
              + " need multiples of "
              + multiple
              + " there, and the model's "
              + name
              + " is "
              + size,
          Quantization.BFLOAT16);
    }
  }
}
