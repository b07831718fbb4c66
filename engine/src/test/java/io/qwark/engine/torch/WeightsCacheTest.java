package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Converted weights are written once, mapped later, and never used when they are not right. */
class WeightsCacheTest {
  private static final Path CHECKPOINT =
      Path.of("src/test/resources/goldens/random-untied/model").toAbsolutePath();

  @TempDir Path temporary;
  private Path model;
  private Path cache;
  private ModelConfig config;
  private float[] expected;

  @BeforeEach
  void copyTheModel() throws IOException {
    config = ModelConfig.read(CHECKPOINT.resolve("config.json"));
    String obstacle = Backend.obstacle(Quantization.INT8, config);
    assumeTrue(obstacle == null, "no native kernels: " + obstacle);
    model = Files.createDirectory(temporary.resolve("model"));
    cache = temporary.resolve("cache");
    try (Stream<Path> files = Files.list(CHECKPOINT)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    expected = scores(EngineOptions.NO_WEIGHTS_CACHE);
  }

  @Test
  void theSecondReplicaUsesWhatTheFirstOneWrote() throws IOException {
    assertArrayEquals(expected, scores(cache.toString()));
    FileTime written = Files.getLastModifiedTime(entry());
    assertArrayEquals(expected, scores(cache.toString()));
    assertEquals(written, Files.getLastModifiedTime(entry()));
  }

  @Test
  void aDamagedFileIsMadeAnew() throws IOException {
    scores(cache.toString());
    byte[] whole = Files.readAllBytes(entry());
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    for (byte[] bytes : List.of(damaged, new byte[0])) {
      Files.write(entry(), bytes);
      assertArrayEquals(expected, scores(cache.toString()));
      assertArrayEquals(whole, Files.readAllBytes(entry()));
    }
  }

  @Test
  void aChangedCheckpointIsAnotherEntry() throws IOException {
    scores(cache.toString());
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    // The upper byte of a weight near the end, which is bfloat16 or float32.
    bytes[bytes.length - 1] ^= 0x40;
    Files.write(weights, bytes);
    float[] changed = scores(EngineOptions.NO_WEIGHTS_CACHE);
    assertNotEquals(expected[0], changed[0]);
    assertArrayEquals(changed, scores(cache.toString()));
    assertEquals(2, entries().size());
  }

  @Test
  void eachWayToHoldTheOutputLayerIsAnotherEntry() {
    Backend eight = Backend.choose(Quantization.INT4, Kernels.NATIVE, KvCacheDtype.AUTO, config);
    Backend four = eight.withLmHead(LmHeadQuantization.INT4, config);
    float[] withEight = scores(EngineOptions.NO_WEIGHTS_CACHE, eight);
    float[] withFour = scores(EngineOptions.NO_WEIGHTS_CACHE, four);
    assertNotEquals(withEight[0], withFour[0]);
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(withEight, scores(cache.toString(), eight));
      assertArrayEquals(withFour, scores(cache.toString(), four));
      assertArrayEquals(expected, scores(cache.toString()));
      assertEquals(3, entries().size());
    }
  }

  /** What earlier versions wrote under these names is used on. */
  @Test
  void layoutsKeepTheirNames() {
    assertEquals("int8-panels-2", new PackedWeights(null, 8, 8).layout());
    assertEquals("int4-panels-1", new PackedWeights(null, 4, 8).layout());
    assertEquals("int4-panels-1-head4", new PackedWeights(null, 4, 4).layout());
  }

  @Test
  void aFolderThatCannotBeWrittenCostsTimeOnly() throws IOException {
    Path file = Files.createFile(temporary.resolve("a-file"));
    assertArrayEquals(expected, scores(file.resolve("cache").toString()));
  }

  @Test
  void replicasThatComeTogetherShareOneEntry() {
    List<CompletableFuture<float[]>> replicas =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> scores(cache.toString())))
            .toList();
    replicas.forEach(replica -> assertArrayEquals(expected, replica.join()));
    assertEquals(1, entries().size());
  }

  private Path entry() {
    return entries().get(0).resolve("model.safetensors");
  }

  private List<Path> entries() {
    try (Stream<Path> files = Files.list(cache)) {
      return files.filter(Files::isDirectory).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private float[] scores(String weightsCache) {
    return scores(
        weightsCache, Backend.choose(Quantization.INT8, Kernels.NATIVE, KvCacheDtype.AUTO, config));
  }

  private float[] scores(String weightsCache, Backend backend) {
    Scheduler scheduler = new Scheduler(64, 1, 64);
    scheduler.add(new Sequence(new int[] {3, 1, 4, 1, 5}, 6));
    try (CausalLm qwen =
            CausalLm.load(config, SafeTensors.open(model), backend, weightsCache, 64, 1);
        StepScores scores = qwen.step(scheduler.plan().pack())) {
      return scores.sample(new long[] {4}, Penalties.NONE).all(0).raw();
    }
  }
}
