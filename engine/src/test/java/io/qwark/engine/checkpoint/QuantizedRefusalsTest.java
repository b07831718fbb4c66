package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a quantized folder is said, and the tensor or key is named. */
class QuantizedRefusalsTest {
  private static final String Q = "model.layers.0.self_attn.q_proj.";

  @TempDir Path folder;

  @ParameterizedTest(name = "{0} without {1}")
  @CsvSource({
    "fp8-blocks, weight",
    "fp8-blocks, weight_scale_inv",
    "gptq-4-sym, qweight",
    "gptq-4-sym, qzeros",
    "gptq-4-sym, scales",
    "gptq-4-act-order, g_idx",
    "awq, qweight",
    "awq, qzeros",
    "awq, scales",
    "ct-w4-groups, weight_packed",
    "ct-w4-groups, weight_scale",
    "ct-w4-groups, weight_shape",
    "ct-w4-asym-reordered, weight_zero_point",
    "ct-int8, weight",
    "ct-int8, weight_scale",
    "mlx-4, weight",
    "mlx-4, scales",
    "mlx-4, biases",
  })
  void aMissingTensorIsNamed(String model, String part) throws IOException {
    EditedFolder.of(model, folder).remove(Q + part);
    assertTrue(mistake().contains(Q + part), mistake());
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "fp8-blocks, weight_scale_inv, 1, 2",
    "fp8-blocks, weight, 32, 16",
    "gptq-4-sym, qweight, 4, 16",
    "gptq-4-sym, qweight, 2, 32",
    "gptq-4-sym, qzeros, 1, 4",
    "gptq-4-sym, scales, 2, 16",
    "gptq-4-act-order, g_idx, 1, 32",
    "awq, qweight, 32, 2",
    "awq, qzeros, 2, 2",
    "awq, scales, 1, 32",
    "ct-w4-groups, weight_packed, 32, 2",
    "ct-w4-groups, weight_scale, 32, 1",
    "ct-w4-groups, weight_shape, 1, 1",
    "ct-w4-asym-reordered, weight_zero_point, 2, 2",
    "ct-w4-asym-reordered, weight_g_idx, 16, 1",
    "ct-int8, weight_scale, 16, 1",
    "mlx-4, weight, 16, 4",
    "mlx-4, scales, 16, 1",
    "mlx-4, biases, 16, 1",
  })
  void aTensorOfAnotherShapeIsNamed(String model, String part, long rows, long columns)
      throws IOException {
    EditedFolder.of(model, folder).reshape(Q + part, rows, columns);
    assertTrue(mistake().contains(Q.substring(0, Q.length() - 1)), mistake());
    assertTrue(mistake().contains("shape"), mistake());
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "fp8-blocks, weight, I8",
    "fp8-blocks, weight_scale_inv, I16",
    "gptq-4-sym, qweight, F32",
    "gptq-4-sym, scales, I16",
    "awq, qzeros, F32",
    "ct-w4-groups, weight_packed, F32",
    "ct-w4-groups, weight_shape, F64",
    "ct-int8, weight, U8",
    "ct-fp8, weight, I8",
    "mlx-4, weight, I32",
    "mlx-4, biases, I16",
  })
  void aTensorOfAnotherTypeIsNamed(String model, String part, String dtype) throws IOException {
    EditedFolder.of(model, folder).retype(Q + part, dtype);
    assertTrue(mistake().contains(Q + part + " "), mistake());
    assertTrue(mistake().contains("is of type " + dtype), mistake());
  }

  @ParameterizedTest
  @CsvSource({"gptq-4-sym", "awq", "ct-w4-groups"})
  void aWeightThatIsThereTwiceIsNamed(String model) throws IOException {
    EditedFolder.of(model, folder).copy("model.norm.weight", Q + "weight");
    assertTrue(mistake().contains(Q + "weight"), mistake());
    assertTrue(mistake().contains("twice"), mistake());
  }

  @Test
  void aTensorThatIsLeftOverIsFound() throws IOException {
    EditedFolder.of("awq", folder).copy(Q + "scales", Q + "g_idx");
    Tensors tensors = ModelFolder.open(folder).tensors();
    Weights weights = Weights.of(tensors);
    for (Tensor tensor : tensors.entries()) {
      if (!tensor.name().endsWith("g_idx")) {
        weights.take(tensor.name(), tensor.shape());
      }
    }
    UserException e = assertThrows(UserException.class, weights::requireAllUsed);
    assertTrue(e.getMessage().contains("1 tensors that the model has no use for: " + Q + "g_idx"));
  }

  /** Old GPTQ folders have a bias of zeros in each layer, which only Qwen2 has a use for. */
  @Test
  void biasesOfZerosAreThereForThoseWhoAsk() throws IOException {
    EditedFolder edited =
        EditedFolder.of("gptq-4-sym", folder).copy("model.norm.weight", Q + "bias");
    Tensors tensors = ModelFolder.open(folder).tensors();
    assertTrue(tensors.entries().contains(tensors.find(Q + "bias")));
    for (int i = 0; i < 16; i++) {
      edited.put(Q + "bias", 4 * i, 0);
    }
    tensors = ModelFolder.open(folder).tensors();
    assertFalse(tensors.entries().contains(tensors.find(Q + "bias")));
    assertEquals(32, tensors.find(Q + "bias").size());
  }

  @ParameterizedTest
  @CsvSource({
    "gptq-4-act-order, g_idx, 2",
    "gptq-4-sym, g_idx, -1",
    "ct-w4-asym-reordered, weight_g_idx, 2147483647"
  })
  void aGroupOutOfRangeIsNamed(String model, String part, int group) throws IOException {
    EditedFolder.of(model, folder).put(Q + part, 20, group);
    assertTrue(mistake().contains("gives input 5 group " + group + " of 2"), mistake());
    assertTrue(mistake().contains(Q + part), mistake());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "awq | {\"quant_method\":\"bitsandbytes\"} | quantized with bitsandbytes",
        "awq | {\"quant_method\":\"hqq\"} | quantized with hqq",
        "awq | {\"quant_method\":\"quark\"} | quantized with quark",
        "awq | {\"quant_method\":\"gguf\"} | quantized with gguf",
        "awq | {} | names no quant_method",
        "awq | {\"version\":\"gemv\"} | version is gemv",
        "awq | {\"bits\":8} | 8 bits",
        "awq | {\"zero_point\":false} | no zero_point",
        "gptq-4-sym | {\"bits\":3} | 3 bits",
        "gptq-4-sym | {\"checkpoint_format\":\"marlin\"} | checkpoint_format is marlin",
        "gptq-4-sym | {\"is_marlin_format\":true} | is_marlin_format",
        "gptq-4-sym | {\"dynamic\":{\"-:.*down.*\":{}}} | dynamic",
        "fp8-blocks | {\"fmt\":\"e5m2\"} | fmt is e5m2",
        "ct-int8 | {\"format\":\"marlin-24\"} | format is marlin-24",
        "ct-int8 | {\"format\":\"nvfp4-pack-quantized\"} | nvfp4-pack-quantized",
        "ct-int8 | {\"format\":\"pack-quantized\"} | weight_packed",
        "ct-int8 | {\"kv_cache_scheme\":{\"num_bits\":8}} | kv_cache_scheme",
        "ct-int8 | {\"sparsity_config\":{\"format\":\"sparse-24-bitmask\"}} | sparse-24-bitmask",
        "ct-int8 | {\"transform_config\":{\"R1\":{}}} | transform_config",
        "mlx-4 | {\"mode\":\"mxfp4\"} | mode is mxfp4",
        "mlx-4 | {\"bits\":7} | 7 bits",
      })
  void whatIsNotSupportedIsRefusedWithWhatIs(String model, String change, String reason)
      throws IOException {
    change(model, change);
    assertTrue(mistake().contains(reason), mistake());
    if (!reason.equals("weight_packed")) {
      assertTrue(mistake().contains(QuantizedFormats.SUPPORTED), mistake());
      UserException e = assertThrows(UserException.class, () -> ModelFolder.open(folder).config());
      assertEquals(mistake(), e.getMessage());
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "awq | {\"group_size\":20} | divide into groups of 20",
        "awq | {\"group_size\":0} | group_size",
        "awq | {\"group_size\":1000000000} | group_size",
        "gptq-4-sym | {\"group_size\":-2} | group_size",
        "gptq-4-sym | {\"bits\":8} | down_proj",
        "gptq-8-rows-v2 | {\"bits\":4} | qzeros",
        "gptq-4-sym | {\"desc_act\":1} | neither true nor false",
        "fp8-blocks | {\"weight_block_size\":[16]} | weight_block_size",
        "fp8-blocks | {\"weight_block_size\":[0,16]} | weight_block_size",
        "fp8-blocks | {\"weight_block_size\":[2147483647,2147483647]} | weight_scale_inv",
        "fp8-blocks | {\"weight_block_size\":[128,128]} | weight_scale_inv",
        "ct-int8 | {\"config_groups\":{}} | config_groups",
        "ct-int8 | {\"ignore\":[\"re:.*self_attn.q_proj\"]} | under `ignore`",
        "ct-int8 | {\"ignore\":[\"re:(\"]} | is not a regular expression",
        "ct-int8 | {\"ignore\":[\"re:(.*.*.*.*.*.*.*)*x\"]} | takes too long to match",
        "ct-int8 | {\"ignore\":3} | ignore",
        "mlx-4 | {\"group_size\":64} | weight",
        "mlx-4 | {\"model.layers.0.self_attn.q_proj\":false} | says that it is not",
        "mlx-4 | {\"model.layers.0.self_attn.q_proj\":{\"bits\":8,\"group_size\":32}} | q_proj",
      })
  void whatDoesNotFitIsRefused(String model, String change, String reason) throws IOException {
    change(model, change);
    assertTrue(mistake().contains(reason), mistake());
  }

  @Test
  void aLayerThatNoTargetIsForIsNamed() throws IOException {
    EditedFolder.of("ct-w4-asym-reordered", folder)
        .json(
            "config.json",
            root ->
                root.withObject("/quantization_config/config_groups/group_0")
                    .withArray("targets")
                    .remove(0));
    assertTrue(mistake().contains("no target"), mistake());
    assertTrue(mistake().contains("self_attn"), mistake());
  }

  /** A layer's tensors say whether it is quantized, so plain ones may stand among them. */
  @Test
  void plainLayersStayAsTheyAre() throws IOException {
    EditedFolder.of("awq", folder)
        .copy("model.embed_tokens.weight", "model.layers.1.self_attn.q_proj.weight");
    Tensor plain =
        ModelFolder.open(folder).tensors().find("model.layers.1.self_attn.q_proj.weight");
    assertEquals("BF16", plain.format());
  }

  private void change(String model, String change) throws IOException {
    EditedFolder.of(model, folder)
        .json(
            "config.json",
            root -> {
              String key = root.has("quantization") ? "quantization" : "quantization_config";
              ObjectNode quantization = (ObjectNode) root.get(key);
              if (change.equals("{}")) {
                quantization.removeAll();
              }
              try {
                quantization.setAll((ObjectNode) new ObjectMapper().readTree(change));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private String mistake() {
    return assertThrows(UserException.class, () -> ModelFolder.open(folder).tensors()).getMessage();
  }
}
