package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the files of a quantized folder or of an adapter hold, reading every number of every
 * tensor succeeds or ends in a UserException, and never takes more than what the files could hold.
 */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class DamagedQuantizedFilesTest {
  private static final String CONFIG = "config.json";
  private static final String ADAPTER_CONFIG = "adapter_config.json";
  private static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";

  /** Folders have some 10,000 numbers; a lie about a shape can be worth a few times that. */
  private static final long MOST_NUMBERS = 200_000;

  private static final String[] VALUES = {
    "null",
    "true",
    "-1",
    "0",
    "1",
    "3",
    "4",
    "8",
    "16",
    "31",
    "32",
    "1048577",
    "2147483647",
    "99999999999999999999",
    "1e300",
    "\"\"",
    "\"gptq\"",
    "\"re:(\"",
    "\"re:(a|a)*b\"",
    "[]",
    "{}",
    "[1]",
    "[2147483647,2147483647]",
    "{\"bits\":4}",
    "\"\\u0000\""
  };

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  static Stream<Integer> seeds() {
    return IntStream.range(0, 500).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void bytesOfModels(int seed) throws IOException {
    Random random = new Random(seed);
    model(random);
    damage(
        random.nextBoolean()
            ? CONFIG
            : Files.exists(folder.resolve(SafeTensors.INDEX)) && random.nextBoolean()
                ? SafeTensors.INDEX
                : weights(random),
        random);
    readAll();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void valuesOfConfigurations(int seed) throws IOException {
    Random random = new Random(1000 + seed);
    model(random);
    replaceValue(CONFIG, random);
    readAll();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void adapters(int seed) throws IOException {
    Random random = new Random(2000 + seed);
    QuantizedGoldens.copy(QuantizedGoldens.ADAPTERS.get(random.nextInt(2)), folder);
    switch (random.nextInt(3)) {
      case 0 -> damage(ADAPTER_CONFIG, random);
      case 1 -> damage(ADAPTER_WEIGHTS, random);
      default -> replaceValue(ADAPTER_CONFIG, random);
    }
    ModelFiles plain = ModelFolder.open(QuantizedGoldens.folder(QuantizedGoldens.PLAIN));
    try {
      ModelFiles files = AdaptedFiles.of(plain, folder);
      assertNotNull(files.digest());
      read(files.tensors());
    } catch (UserException e) {
      assertNamesItsFile(e);
    }
  }

  /** A name that stands for another file of this machine, or for none. */
  @ParameterizedTest
  @CsvSource({
    "../model.safetensors",
    "/etc/passwd",
    "..",
    ".",
    "a/b.safetensors",
    "'a\\\\b'",
    "model.safetensors.index.json",
    "nowhere.safetensors",
    "''",
  })
  void anIndexThatLeadsElsewhereIsRefused(String target) throws IOException {
    QuantizedGoldens.copy("awq", folder);
    Files.move(folder.resolve(SafeTensors.SINGLE), folder.resolve("shard.safetensors"));
    ObjectNode map = MAPPER.createObjectNode();
    SafeTensorsHeader.read(MappedFile.open(folder.resolve("shard.safetensors")))
        .forEach(entry -> map.put(entry.name(), "shard.safetensors"));
    map.put("model.norm.weight", target);
    Files.write(
        folder.resolve(SafeTensors.INDEX),
        MAPPER.writeValueAsBytes(MAPPER.createObjectNode().set("weight_map", map)));
    try {
      read(ModelFolder.open(folder).tensors());
    } catch (UserException e) {
      assertNamesItsFile(e);
      return;
    }
    throw new AssertionError("an index that names " + target + " was read");
  }

  @Test
  void aTensorInTwoShardsIsRefused() throws IOException {
    QuantizedGoldens.copy("awq", folder);
    Path shard = folder.resolve("shard.safetensors");
    Files.move(folder.resolve(SafeTensors.SINGLE), shard);
    Files.copy(shard, folder.resolve("twin.safetensors"));
    ObjectNode map = MAPPER.createObjectNode();
    SafeTensorsHeader.read(MappedFile.open(shard))
        .forEach(
            entry ->
                map.put(
                    entry.name(),
                    entry.name().contains("mlp") ? "twin.safetensors" : "shard.safetensors"));
    Files.write(
        folder.resolve(SafeTensors.INDEX),
        MAPPER.writeValueAsBytes(MAPPER.createObjectNode().set("weight_map", map)));
    UserException e = null;
    try {
      read(ModelFolder.open(folder).tensors());
    } catch (UserException expected) {
      e = expected;
    }
    assertNotNull(e);
    assertTrue(e.getMessage().contains("model.safetensors.index.json has it in"), e.getMessage());
  }

  /** A copy of one of the models; every other one in two shards with an index. */
  private void model(Random random) throws IOException {
    List<String> models = QuantizedGoldens.MODELS;
    QuantizedGoldens.copy(models.get(random.nextInt(models.size())), folder);
    if (random.nextBoolean()) {
      return;
    }
    Map<Boolean, SafeTensorsWriter> shards = new HashMap<>();
    ObjectNode map = MAPPER.createObjectNode();
    for (TensorEntry entry : SafeTensors.open(folder).entries()) {
      boolean second = entry.name().contains("mlp");
      byte[] bytes = new byte[(int) (entry.rowCount() * entry.rowBytes())];
      entry.rows(0, entry.rowCount()).get(bytes);
      shards
          .computeIfAbsent(second, key -> new SafeTensorsWriter())
          .raw(entry.name(), entry.dtype().name(), entry.shape(), bytes);
      map.put(entry.name(), shard(second));
    }
    Files.delete(folder.resolve(SafeTensors.SINGLE));
    shards.get(false).write(folder.resolve(shard(false)));
    shards.get(true).write(folder.resolve(shard(true)));
    Files.write(
        folder.resolve(SafeTensors.INDEX),
        MAPPER.writeValueAsBytes(MAPPER.createObjectNode().set("weight_map", map)));
  }

  private static String shard(boolean second) {
    return second ? "model-2.safetensors" : "model-1.safetensors";
  }

  private String weights(Random random) {
    return Files.exists(folder.resolve(SafeTensors.SINGLE))
        ? SafeTensors.SINGLE
        : shard(random.nextBoolean());
  }

  /** Half of the damage to weights is done to their header, where most of what can break is. */
  private void damage(String name, Random random) throws IOException {
    Path file = folder.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    if (name.endsWith(".safetensors") && random.nextBoolean()) {
      int header = 8 + ((bytes[0] & 0xFF) | (bytes[1] & 0xFF) << 8);
      byte[] head = DamagedFilesTest.mutated(Arrays.copyOf(bytes, header), random);
      byte[] whole = Arrays.copyOf(head, head.length + bytes.length - header);
      System.arraycopy(bytes, header, whole, head.length, bytes.length - header);
      if (whole.length > 8 && random.nextInt(4) > 0) {
        // The length fits again, so that what lies behind it is looked at.
        ByteBuffer.wrap(whole)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(0, Math.max(0, head.length - 8));
      }
      Files.write(file, whole);
    } else {
      Files.write(file, DamagedFilesTest.mutated(bytes, random));
    }
  }

  private void replaceValue(String name, Random random) throws IOException {
    Path file = folder.resolve(name);
    ObjectNode root = (ObjectNode) MAPPER.readTree(file.toFile());
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      List<Runnable> changes = new ArrayList<>();
      collect(root, MAPPER.readTree(VALUES[random.nextInt(VALUES.length)]), changes);
      changes.get(random.nextInt(changes.size())).run();
    }
    Files.write(file, MAPPER.writeValueAsBytes(root));
  }

  private static void collect(JsonNode node, JsonNode value, List<Runnable> changes) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              entry -> {
                changes.add(() -> object.set(entry.getKey(), value));
                collect(entry.getValue(), value, changes);
              });
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int at = i;
        changes.add(() -> array.set(at, value));
      }
    }
  }

  private void readAll() {
    try {
      ModelFolder model = ModelFolder.open(folder);
      assertNotNull(model.config());
      assertNotNull(model.digest());
      read(model.tensors());
    } catch (UserException e) {
      assertNamesItsFile(e);
    }
  }

  /** Mistakes are found when tensors are opened; from then on reading does not fail. */
  private static void read(Tensors tensors) {
    for (Tensor tensor : tensors.entries()) {
      if (tensor instanceof TensorEntry plain && !plain.dtype().weight()) {
        continue;
      }
      assertTrue(tensor.size() <= MOST_NUMBERS, tensor.toString());
      int rows = (int) tensor.rowCount();
      tensor.read(0, rows, new float[(int) tensor.size()]);
      if (tensor.int8Rows()) {
        tensor.readInt8(0, rows, new byte[(int) tensor.size()], new float[rows]);
      }
    }
  }

  private void assertNamesItsFile(UserException e) {
    assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
    assertTrue(e.getMessage().length() < 3000, "a message of " + e.getMessage().length());
  }
}
