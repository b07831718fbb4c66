package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.EngineOptionsBuilder;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cuda;
import io.qwark.engine.cuda.CudaCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shape is that of Qwen3-4B in its config.json; numbers are worked out by hand from it. */
class CardPlanTest {
  private static final long GIB = 1L << 30;
  private static final long PARAMETERS = 4_022_468_096L;
  private static final long TABLE = 151_936L * 2560;
  private static final Placement PLACE = new Placement("cuda:0", 1);

  @TempDir Path folder;
  private ModelConfig config;

  @BeforeEach
  void readConfig() throws IOException {
    config =
        ModelConfig.read(
            Files.writeString(
                folder.resolve("config.json"),
                """
                {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 2560,
                 "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
                 "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
                 "max_position_embeddings": 40960, "rms_norm_eps": 1e-06, "rope_theta": 1000000,
                 "tie_word_embeddings": true, "hidden_act": "silu", "torch_dtype": "bfloat16"}
                """));
  }

  private static EngineOptionsBuilder options(Quantization quantization) {
    return EngineOptions.builder("folder", quantization);
  }

  private static CudaCard card(int major, int minor, long gib) {
    return new CudaCard(0, "NVIDIA Test", "", major, minor, gib * GIB);
  }

  private ReplicaPlan plan(EngineOptionsBuilder options, CudaCard card, long free) {
    CardMemory now = new CardMemory(card.memory(), free);
    return ReplicaPlan.onCard(options.build(), PLACE, config, PARAMETERS, card, now);
  }

  @Test
  void theCacheGetsWhatWeightsAndAStepLeave() {
    ReplicaPlan plan = plan(options(Quantization.AUTO).maxNumSeqs(256), card(9, 0, 80), 79 * GIB);
    assertEquals(72 * GIB, plan.memory());
    assertEquals(2 * PARAMETERS, plan.weightBytes());
    assertEquals(KvCacheDtype.BFLOAT16, plan.kvCacheDtype());
    // K and V of 36 layers, 8 heads, 128 numbers of 2 bytes.
    assertEquals(147_456, plan.cacheBytesPerToken());
    // 2048 tokens: 2 streams of 2560 and 7 times 48 heads of 128, or 3 of 9728, which is less, in
    // 2 bytes. 512 rows of a chunk: the vocabulary in 2 bytes and three times 4.
    assertEquals(
        2048L * 2 * (2 * 2560 + 7 * 48 * 128) + 512L * 151_936 * 14, plan.workspaceBytes());
    assertEquals((72 * GIB - 2 * PARAMETERS - plan.workspaceBytes()) / 147_456, plan.cacheTokens());
  }

  @Test
  void quantizedWeightsLeaveMoreAndKeepTablesInBfloat16() {
    CudaCard card = card(9, 0, 80);
    long layers = PARAMETERS - TABLE;
    assertEquals(layers + 2 * TABLE, plan(options(Quantization.FP8), card, 79 * GIB).weightBytes());
    assertEquals(
        layers + 2 * TABLE, plan(options(Quantization.INT8), card, 79 * GIB).weightBytes());
    assertEquals(
        layers / 8 * 5 + 2 * TABLE, plan(options(Quantization.INT4), card, 79 * GIB).weightBytes());
    assertEquals(4 * PARAMETERS, plan(options(Quantization.FLOAT32), card, 79 * GIB).weightBytes());
  }

  /**
   * Gate and up, 2 by 9728 rows of 2560, in bfloat16 and as bytes of two codes each, both of them.
   */
  @Test
  void fourBitWeightsTakeRoomToBeTakenApart() {
    CudaCard card = card(9, 0, 80);
    assertEquals(
        plan(options(Quantization.BFLOAT16), card, 79 * GIB).workspaceBytes()
            + (2 + 1) * 2L * 9728 * 2560,
        plan(options(Quantization.INT4), card, 79 * GIB).workspaceBytes());
  }

  @Test
  void aPartOfTheCardOrOfWhatOthersLeaveIsTaken() {
    CudaCard card = card(9, 0, 80);
    EngineOptionsBuilder half = options(Quantization.BFLOAT16).gpuMemoryUtilization(0.5);
    assertEquals(40 * GIB, plan(half, card, 79 * GIB).memory());
    assertEquals(
        (long) (20 * GIB * 0.95), plan(options(Quantization.BFLOAT16), card, 20 * GIB).memory());
  }

  @Test
  void aCardThatIsTooSmallIsRefusedWithFiguresAndWhatWouldFit() {
    UserException e =
        assertThrows(
            UserException.class,
            () -> plan(options(Quantization.BFLOAT16), card(8, 9, 8), 7 * GIB));
    assertEquals("Cannot place the model on cuda:0 (NVIDIA Test)", e.problem());
    // 2 * 4022468096 / 2^30; min(0.9 * 8, 0.95 * 7)
    assertTrue(e.reason().contains("weights take 7.49 GiB in bfloat16"), e.reason());
    assertTrue(e.reason().contains("may take 6.65 GiB"), e.reason());
    assertTrue(e.reason().contains("7.00 GiB of 8.00 GiB are free"), e.reason());
    // fp8 would, too, but takes compute capability 9.0.
    assertTrue(e.remedy().startsWith("Set `quantization` to int8 or int4, use"), e.remedy());
    UserException hopeless =
        assertThrows(
            UserException.class,
            () -> plan(options(Quantization.BFLOAT16), card(8, 9, 2), 2 * GIB));
    assertTrue(hopeless.remedy().startsWith("Use a GPU with more"), hopeless.remedy());
  }

  @Test
  void aCacheThatDoesNotFitIsRefused() {
    UserException e =
        assertThrows(
            UserException.class,
            () ->
                plan(
                    options(Quantization.BFLOAT16).kvCacheTokens(600_000L),
                    card(9, 0, 80),
                    79 * GIB));
    assertTrue(e.problem().contains("a KV cache of 600,000 tokens"), e.problem());
    assertEquals(
        400_000,
        plan(options(Quantization.BFLOAT16).kvCacheTokens(400_000L), card(9, 0, 80), 79 * GIB)
            .cacheTokens());
    UserException context =
        assertThrows(
            UserException.class,
            () ->
                plan(options(Quantization.BFLOAT16).maxModelLen(40_000), card(8, 6, 12), 12 * GIB));
    assertTrue(context.remedy().contains("`gpu_memory_utilization`"), context.remedy());
  }

  @Test
  void anOldCardIsRefused() {
    UserException turing =
        assertThrows(
            UserException.class, () -> plan(options(Quantization.AUTO), card(7, 5, 80), 79 * GIB));
    assertTrue(turing.reason().contains("8.0, and this one's is 7.5"), turing.reason());
    assertTrue(turing.remedy().startsWith("Set `quantization` to float32"), turing.remedy());
    UserException ampere =
        assertThrows(
            UserException.class, () -> plan(options(Quantization.FP8), card(8, 0, 80), 79 * GIB));
    assertTrue(ampere.remedy().startsWith("Set `quantization` to bfloat16"), ampere.remedy());
  }

  @Test
  void noCardIsFoundWhereThereIsNoDriver() {
    assumeTrue(Cuda.look().all().isEmpty(), "there is a GPU");
    EngineOptions options =
        EngineOptions.of(Goldens.modelFolder("quickstart").toString(), Quantization.AUTO);
    UserException e = assertThrows(UserException.class, () -> ReplicaPlan.of(options, PLACE));
    assertEquals("Cannot place a replica on cuda:0", e.problem());
  }
}
