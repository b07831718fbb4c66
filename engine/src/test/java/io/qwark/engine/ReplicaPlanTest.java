package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.EngineOptionsBuilder;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaPlanTest {
  private static final long GB = 1_000_000_000L;
  private static final HostMemory HOST = new HostMemory(32 * GB, 20 * GB);
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** Half of what this process sees, where it sees two or more. */
  private static final Placement PART = new Placement("cpu", (PROCESSORS + 1) / 2);

  private static ReplicaPlan plan(EngineOptionsBuilder options, Placement placement) {
    return ReplicaPlan.of(
        options.kernels(Kernels.STOCK).build(), placement, Goldens.config("quickstart"), GB, HOST);
  }

  private static EngineOptionsBuilder options(Quantization quantization) {
    return EngineOptions.builder("folder", quantization);
  }

  @Test
  void weightsComeOffTheMemoryBeforeTheCacheGetsItsPart() {
    ModelConfig config = Goldens.config("quickstart");
    // 2 * layers * key heads * head_dim * 4 bytes, from the folder's config.json
    long bytes = 8L * config.numHiddenLayers() * config.numKeyValueHeads() * config.headDim();
    EngineOptionsBuilder many = options(Quantization.FLOAT32).maxNumSeqs(100_000);
    ReplicaPlan plan = plan(many.maxNumBatchedTokens(200_000), Placement.cpu());
    assertEquals(20 * GB, plan.memory());
    assertEquals(4 * GB, plan.weightBytes());
    assertEquals(bytes, plan.cacheBytesPerToken());
    assertEquals((long) (0.4 * (20 * GB - 4 * GB)) / bytes, plan.cacheTokens());
    assertEquals(GB, plan(options(Quantization.INT8), Placement.cpu()).weightBytes());
    // 5 bits a weight (4 and 32 for each group of 32), but 8 in the table, which is embedding and
    // output layer at once.
    long table = (long) config.vocabSize() * config.hiddenSize();
    assertEquals(
        table + (GB - table) / 8 * 5,
        plan(options(Quantization.INT4), Placement.cpu()).weightBytes());
  }

  @Test
  void aPartOfTheProcessorsHasThatPartOfTheMemory() {
    assertEquals(
        Math.min(20 * GB, (long) (32 * GB * ((double) PART.processors() / PROCESSORS))),
        plan(options(Quantization.INT8), PART).memory());
  }

  @Test
  void operationsAreSharedByTheReplicasProcessorsUnlessTheyAreTiny() {
    ReplicaPlan tiny = plan(options(Quantization.INT8), PART);
    assertTrue(tiny.isTiny());
    assertEquals(1, tiny.threads());
    assertEquals(3, plan(options(Quantization.INT8).threads(3), PART).threads());
  }

  @Test
  void aModelOfSomeSizeUsesAllItsProcessors(@TempDir Path folder) throws IOException {
    String json = Files.readString(Goldens.modelFolder("quickstart").resolve("config.json"));
    String large = json.replaceAll("\"intermediate_size\": *\\d+", "\"intermediate_size\": 9728");
    assertNotEquals(json, large);
    ModelConfig config = ModelConfig.read(Files.writeString(folder.resolve("config.json"), large));
    EngineOptions options = options(Quantization.INT8).build();
    Placement three = new Placement("cpu", 3);
    assertEquals(3, ReplicaPlan.of(options, three, config, GB, HOST).threads());
  }

  @Test
  void kernelsThatDoNotServeAreExplained() {
    ReplicaPlan plan = plan(options(Quantization.FLOAT32), PART);
    assertEquals(Kernels.STOCK, plan.kernels());
    assertEquals(KvCacheDtype.FLOAT32, plan.kvCacheDtype());
    assertNotNull(plan.kernelsObstacle());
    assertFalse(plan.kernelsObstacle().isEmpty());
  }

  @Test
  void piecesOfPromptsFitBesideOneTokenOfEachSample() {
    assertEquals(512, plan(options(Quantization.INT8), PART).largestChunk());
    assertEquals(
        64,
        plan(options(Quantization.INT8).maxNumSeqs(64).maxNumBatchedTokens(164), PART)
            .largestChunk());
  }
}
