package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Adapters against what PEFT merges them to: see {@link QuantizedGoldens}. */
class LoraTest {
  static final List<String> ADAPTERS = QuantizedGoldens.ADAPTERS;

  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String Q = "base_model.model.model.layers.0.self_attn.q_proj.";

  /** Of float32 sums of a few products in another order. */
  private static final double TOLERANCE = 1e-6;

  @TempDir Path folder;

  private final ModelFiles plain =
      ModelFolder.open(QuantizedGoldens.folder(QuantizedGoldens.PLAIN));

  @ParameterizedTest
  @FieldSource("ADAPTERS")
  void mergedWeightsAreThoseOfPeft(String name) {
    Tensors merged = AdaptedFiles.of(plain, QuantizedGoldens.folder(name)).tensors();
    for (TensorEntry expected :
        SafeTensors.open(QuantizedGoldens.folder(name).resolve("merged")).entries()) {
      float[] numbers = QuantizedTensorsTest.all(expected);
      Tensor tensor = merged.find(expected.name());
      float[] actual = QuantizedTensorsTest.all(tensor);
      int width = (int) tensor.rowSize();
      float[] row = new float[width];
      tensor.read(3, 1, row);
      for (int i = 0; i < numbers.length; i++) {
        assertEquals(numbers[i], actual[i], TOLERANCE, expected.name() + " " + i);
      }
      for (int i = 0; i < width; i++) {
        assertEquals(actual[3 * width + i], row[i]);
      }
    }
  }

  @Test
  void onlyTheLayersThatItNamesAreChanged() {
    Tensors merged = AdaptedFiles.of(plain, QuantizedGoldens.folder("lora")).tensors();
    Set<String> changed = new TreeSet<>();
    for (Tensor tensor : merged.entries()) {
      assertEquals(tensor.name(), merged.find(tensor.name()).name());
      if (tensor instanceof MergedTensor) {
        changed.add(tensor.name().replaceAll(".*\\.(\\w+)\\.weight", "$1"));
        assertFalse(tensor.int8Rows());
      }
    }
    assertEquals(Set.of("q_proj", "v_proj", "down_proj"), changed);
    assertEquals(plain.tensors().entries().size(), merged.entries().size());
  }

  @Test
  void anAdapterGoesOntoQuantizedWeights() {
    ModelFiles quantized = ModelFolder.open(QuantizedGoldens.folder("gptq-4-act-order"));
    String name = "model.layers.0.self_attn.v_proj.weight";
    float[] before = QuantizedTensorsTest.all(quantized.tensors().find(name));
    Tensor after = AdaptedFiles.of(quantized, QuantizedGoldens.folder("lora")).tensors().find(name);
    float[] change = QuantizedTensorsTest.all(after);
    float[] plainBefore = QuantizedTensorsTest.all(plain.tensors().find(name));
    float[] plainAfter =
        QuantizedTensorsTest.all(
            AdaptedFiles.of(plain, QuantizedGoldens.folder("lora")).tensors().find(name));
    for (int i = 0; i < before.length; i++) {
      assertEquals(plainAfter[i] - plainBefore[i], change[i] - before[i], 1e-6);
    }
    assertEquals("GPTQ with 4 bits, groups of 16 + LoRA", after.format());
  }

  @Test
  void digestAndStampTellAdaptersApart() throws IOException {
    EditedFolder adapter = edited("lora");
    ModelFiles files = AdaptedFiles.of(plain, folder);
    String digest = files.digest();
    String stamp = FileStamp.of("test", files.tensors().files());
    assertNotEquals(plain.digest(), digest);
    assertNotEquals(FileStamp.of("test", plain.tensors().files()), stamp);
    adapter.put(Q + "lora_A.weight", 0, Float.floatToIntBits(1));
    assertNotEquals(digest, files.digest());
    assertNotEquals(stamp, FileStamp.of("test", files.tensors().files()));
    String changed = files.digest();
    adapter.json(CONFIG, root -> root.put("lora_alpha", 9));
    assertNotEquals(changed, files.digest());
    assertEquals(
        files.tensors().files().subList(1, 3),
        List.of(folder.resolve(CONFIG), folder.resolve(WEIGHTS)));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"use_dora\":true} | use_dora",
        "{\"bias\":\"all\"} | bias is all",
        "{\"fan_in_fan_out\":true} | fan_in_fan_out",
        "{\"modules_to_save\":[\"lm_head\"]} | modules_to_save",
        "{\"lora_bias\":true} | lora_bias",
        "{\"peft_type\":\"LOHA\"} | peft_type is LOHA",
        "{\"init_lora_weights\":\"pissa\"} | init_lora_weights",
        "{\"layer_replication\":[[0,1]]} | layer_replication",
        "{\"alora_invocation_tokens\":[1]} | alora_invocation_tokens",
        "{\"something_new\":2} | something_new",
        "{\"r\":0} | `r`",
        "{\"lora_alpha\":\"x\"} | lora_alpha",
        "{\"target_modules\":[]} | target_modules",
        "{\"target_modules\":\"(\"} | is not a regular expression",
        "{\"target_modules\":\"(.*.*.*.*.*.*.*)*x\"} | takes too long",
        "{\"rank_pattern\":{\"q_proj\":-1}} | q_proj",
      })
  void whatCannotBeMergedIsRefused(String change, String reason) throws IOException {
    edited("lora").json(CONFIG, root -> set(root, change));
    assertTrue(mistake().contains(reason), mistake());
    assertTrue(mistake().contains(CONFIG), mistake());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"r\":8} | ask for \\[8, 48\\]",
        "{\"rank_pattern\":{\"self_attn.q_proj\":3}} | ask for \\[3, 32\\]",
        "{\"target_modules\":[\"v_proj\",\"down_proj\"]} | target_modules .* does not name it",
        "{\"target_modules\":[\"q_proj\",\"v_proj\",\"down_proj\",\"o_proj\"]} | o_proj.*missing",
      })
  void aConfigurationThatDoesNotFitItsTensorsIsRefused(String change, String pattern)
      throws IOException {
    edited("lora").json(CONFIG, root -> set(root, change));
    assertTrue(mistake().matches("(?s).*" + pattern + ".*"), mistake());
  }

  @Test
  void tensorsThatAreMissingLeftOverOrOfAnotherShapeAreNamed() throws IOException {
    EditedFolder adapter = edited("lora");
    String a = Q + "lora_A.weight";
    adapter.remove(a);
    assertTrue(mistake().contains("lora_A is missing"), mistake());
    assertTrue(mistake().contains(Q + "lora_B.weight"), mistake());
    adapter.copy(Q + "lora_B.weight", a);
    assertTrue(mistake().contains("its shape is [32, 4]"), mistake());
    adapter.reshape(a, 4, 32);
    assertEquals(
        plain.tensors().entries().size(),
        AdaptedFiles.of(plain, folder).tensors().entries().size());
    adapter.copy(a, Q + "lora_magnitude_vector.default.weight");
    assertTrue(mistake().contains("lora_magnitude_vector"), mistake());
    adapter.remove(Q + "lora_magnitude_vector.default.weight");
    adapter.copy(a, Q + "lora_A.default.weight");
    assertTrue(mistake().contains("twice"), mistake());
    adapter.remove(Q + "lora_A.default.weight");
    adapter.copy(a, Q.replace("layers.0", "layers.1") + "lora_A.weight");
    adapter.copy(Q + "lora_B.weight", Q.replace("layers.0", "layers.1") + "lora_B.weight");
    assertTrue(mistake().contains("has no such layer"), mistake());
  }

  @Test
  void aFolderWithoutAnAdapterIsAnswered() {
    UserException e =
        assertThrows(
            UserException.class,
            () -> AdaptedFiles.of(plain, QuantizedGoldens.folder(QuantizedGoldens.PLAIN)));
    assertEquals("it lacks adapter_config.json, adapter_model.safetensors", e.reason());
    e = assertThrows(UserException.class, () -> AdaptedFiles.of(plain, folder.resolve("nowhere")));
    assertEquals("it does not exist", e.reason());
  }

  @Test
  void theOutputLayerOfATiedModelIsNotChanged() throws IOException {
    EditedFolder adapter = edited("lora");
    adapter.copy(Q + "lora_A.weight", "base_model.model.lm_head.lora_A.weight");
    adapter.copy(Q + "lora_B.weight", "base_model.model.lm_head.lora_B.weight");
    assertTrue(mistake().contains("changes lm_head"), mistake());
  }

  @ParameterizedTest
  @CsvSource({
    "/models/Qwen3-4B, Qwen/Qwen3-4B, true",
    "/cache/models--Qwen--Qwen3-4B/snapshots/0a1b, Qwen/Qwen3-4B, true",
    "/models/Qwen3-4B, /home/somebody/qwen3-4b, true",
    "/models/Qwen3-4B, Qwen/Qwen3-8B, false",
  })
  void theNameOfTheBaseModelIsCompared(Path path, String base, boolean named) {
    assertEquals(named, AdaptedFiles.isNamed(path, base));
  }

  private EditedFolder edited(String name) throws IOException {
    return new EditedFolder(name, folder, WEIGHTS);
  }

  private static void set(ObjectNode root, String change) {
    try {
      root.setAll((ObjectNode) new ObjectMapper().readTree(change));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String mistake() {
    assertTrue(Files.exists(folder.resolve(CONFIG)));
    return assertThrows(UserException.class, () -> AdaptedFiles.of(plain, folder).tensors())
        .getMessage();
  }
}
