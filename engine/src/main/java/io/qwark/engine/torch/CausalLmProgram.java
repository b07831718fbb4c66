package io.qwark.engine.torch;

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
    StringBuilder source = new StringBuilder();
    for (String part : parts(backend)) {
      source.append(resource(part + ".torchscript")).append('\n');
    }
    return source.toString();
  }

  private static List<String> parts(Backend backend) {
    if (backend.usesNativeKernels()) {
      return List.of("decoder", "layers_native", "sampling", "ahead", "weights");
    }
    List<String> linear =
        switch (backend.quantization()) {
          case FLOAT32 -> List.of("linear_float32");
          case INT8 -> List.of("int8", "linear_int8");
          case INT4 -> List.of("int8", "linear_int4");
        };
    List<String> parts = new ArrayList<>(List.of("decoder", "layers_stock", "attention_stock"));
    parts.addAll(linear);
    parts.addAll(List.of("scores_stock", "sampling", "ahead", "weights"));
    return parts;
  }

  /** In the order of the declarations in decoder.torchscript. */
  static Map<String, Object> attributes(ModelConfig config) {
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
