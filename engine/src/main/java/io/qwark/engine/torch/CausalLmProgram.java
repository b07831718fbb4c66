package io.qwark.engine.torch;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The program of a model: its parts, chosen by the backend, and its attributes. */
final class CausalLmProgram {
  static final String CLASS = "Decoder";

  private CausalLmProgram() {}

  static String source(Backend backend) {
    return source(parts(backend));
  }

  /**
   * @param parts names of resources
   */
  static String source(List<String> parts) {
    StringBuilder source = new StringBuilder();
    for (String part : parts) {
      source.append(resource(part + ".torchscript")).append('\n');
    }
    return source.toString();
  }

  static List<String> parts(Backend backend) {
    if (backend.usesNativeKernels()) {
      return List.of("decoder", "layers_native", "sampling", "ahead", "weights");
    }
    List<String> parts = new ArrayList<>(List.of("decoder"));
    if (backend.usesAnyLayers()) {
      parts.add("layers_any");
      parts.addAll(anyAttention(backend));
      parts.addAll(anyLinear(backend));
    } else {
      parts.addAll(List.of("layers_stock", "attention_stock"));
      parts.addAll(stockLinear(backend));
    }
    parts.addAll(List.of("scores_stock", "sampling", "ahead", "weights"));
    return parts;
  }

  private static List<String> stockLinear(Backend backend) {
    return switch (backend.quantization()) {
      case FLOAT32 -> List.of("linear_float32");
      case INT8 -> List.of("int8", "linear_int8");
      case INT4 -> List.of("int8", "int4_groups", "linear_int4");
      default -> throw new IllegalArgumentException("no stock layers for " + backend);
    };
  }

  private static List<String> anyAttention(Backend backend) {
    return backend.onCpu() || backend.quantization() == Quantization.FLOAT32
        ? List.of("attention_spans")
        : List.of("attention_flash", "flash_cuda");
  }

  private static List<String> anyLinear(Backend backend) {
    return switch (backend.quantization()) {
      case FLOAT32 -> List.of("head_any", "linear_any");
      case BFLOAT16 -> backend.onCpu() ? List.of("linear_rows") : List.of("head_any", "linear_any");
      case INT8 -> List.of("head_any", "quantize_any", "linear_int8_any");
      case FP8 -> List.of("head_any", "quantize_any", "linear_fp8", "fp8_cuda");
      case INT4 ->
          List.of(
              "head_any",
              "quantize_any",
              "int4_groups",
              "linear_int4_any",
              "int4_unpack",
              "int4_cuda");
      case AUTO -> throw new IllegalArgumentException("no layers for " + backend);
    };
  }

  /** Of a program on the CPU in float32. */
  static Map<String, Object> attributes(ModelConfig config) {
    return attributes(config, Backend.CPU, Checkpoint.FLOAT32);
  }

  /**
   * In the order of the declarations in decoder.torchscript.
   *
   * @param dtype number in libtorch of the type of what flows between layers
   */
  static Map<String, Object> attributes(ModelConfig config, String device, long dtype) {
    TorchArchive.ZeroTensor none = new TorchArchive.ZeroTensor(0);
    TorchArchive.ZeroTensor noPositions = new TorchArchive.ZeroTensor(0, 1, config.headDim());
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("training", false);
    attributes.put("num_hidden_layers", (long) config.numHiddenLayers());
    attributes.put("num_attention_heads", (long) config.numAttentionHeads());
    attributes.put("num_key_value_heads", (long) config.numKeyValueHeads());
    attributes.put("head_dim", (long) config.headDim());
    attributes.put("intermediate_size", (long) config.intermediateSize());
    attributes.put("rms_norm_eps", config.rmsNormEps());
    attributes.put("rope_theta", config.ropeTheta());
    attributes.put("rope_attention_factor", config.ropeScaling().attentionFactor());
    attributes.put("device", device);
    attributes.put("dtype", dtype);
    attributes.put("inv_freq", none);
    attributes.put("embed", none);
    attributes.put("final_norm", none);
    for (String list :
        List.of("input_norm", "post_norm", "qkv_bias", "qk_norm", "linears", "scales")) {
      attributes.put(list, List.of());
    }
    attributes.put("zero_points", none);
    attributes.put("key_balance", List.of());
    attributes.put("key_cache", List.of());
    attributes.put("value_cache", List.of());
    attributes.put("key_scales", List.of());
    attributes.put("value_scales", List.of());
    attributes.put("cos", noPositions);
    attributes.put("sin", noPositions);
    return attributes;
  }

  private static String resource(String name) {
    try (InputStream in = CausalLmProgram.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the engine's jar lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
