package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.Family;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rotary tables of 262,144 positions are those of Transformers; its rows come from rope_golden.py.
 */
class RopeTablesTest {
  /**
   * Frequencies have to be the very same float32: the last bit of one would turn the angle at
   * position 262,143 by up to 0.016. Sines and cosines of the same angle may differ in their last
   * bit, since versions of PyTorch compute them with different instructions: 2^-23 just below 1.
   */
  private static final float TOLERANCE = 0x1p-23f;

  private static final Path GOLDEN = Path.of("src/test/resources/goldens/rope.jsonl");

  private static final String ROWS =
      """
        def test_rows(self: __torch__.Decoder, positions: Tensor) -> List[Tensor]:
          return [self.inv_freq, torch.index_select(self.cos, 0, positions), torch.index_select(self.sin, 0, positions)]
      """;

  @TempDir Path folder;

  static Stream<JsonNode> cases() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> cases = new ArrayList<>();
    for (String line : Files.readAllLines(GOLDEN)) {
      cases.add(json.readTree(line));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tablesOf262144PositionsAreThoseOfTransformers(JsonNode golden) throws IOException {
    ModelConfig config = config(golden);
    assertEquals(
        golden.get("attention_factor").asDouble(), config.ropeScaling().attentionFactor(), 1e-15);
    Backend backend = new Backend(Quantization.FLOAT32, Kernels.STOCK, KvCacheDtype.FLOAT32);
    TorchRuntime.version();
    try (TorchModule module =
            TorchModule.load(
                CausalLmProgram.CLASS,
                CausalLmProgram.source(backend) + ROWS,
                CausalLmProgram.attributes(config),
                1);
        TorchModule.Scope scope = module.scope()) {
      CausalLm.setFrequencies(module, config);
      // At once and bit by bit.
      assertEquals(2048, scope.callForLong("extend_rope", 1025L));
      assertEquals(262_144, scope.callForLong("extend_rope", 262_144L));
      long[] positions =
          IntStream.range(0, golden.get("positions").size())
              .mapToLong(i -> golden.get("positions").get(i).asLong())
              .toArray();
      var parts = scope.callForList("test_rows", scope.longs(positions));
      assertArrayEquals(floats(golden.get("inv_freq")), parts[0].toFloatArray());
      for (int row = 0; row < positions.length; row++) {
        assertRow(floats(golden.get("cos").get(row)), parts[1].toFloatArray(), row, 1);
        assertRow(floats(golden.get("sin").get(row)), parts[2].toFloatArray(), row, -1);
      }
    }
  }

  /** The second half of a row repeats the first, with the sign that the program gives the first. */
  private static void assertRow(float[] expected, float[] table, int row, int sign) {
    int half = expected.length;
    for (int i = 0; i < half; i++) {
      float tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      float first = sign * table[2 * half * row + i];
      float second = table[2 * half * row + half + i];
      assertEquals(expected[i], first, tolerance, "row " + row + ", " + i);
      assertEquals(first, second);
    }
    assertTrue(half > 0);
  }

  private ModelConfig config(JsonNode golden) throws IOException {
    Family family = Family.valueOf(golden.get("family").asText().toUpperCase(Locale.ROOT));
    ObjectNode config = new ObjectMapper().createObjectNode();
    config
        .put("model_type", family.modelType())
        .put("vocab_size", 100)
        .put("hidden_size", 64)
        .put("intermediate_size", 64)
        .put("num_hidden_layers", 1)
        .put("num_attention_heads", 1)
        .put("num_key_value_heads", 1)
        .put("rms_norm_eps", 1e-6)
        .put("max_position_embeddings", 262_144)
        .set("head_dim", golden.get("head_dim"));
    config.set("rope_parameters", golden.get("rope_parameters"));
    Path file = folder.resolve("config.json");
    Files.writeString(file, config.toString());
    return ModelConfig.read(file);
  }

  private static float[] floats(JsonNode list) {
    float[] floats = new float[list.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) list.get(i).asDouble();
    }
    return floats;
  }
}
