package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** decode_hidden computes what forward computes of the same tokens, bit by bit. */
class DecodeHiddenTest {
  private static final int[] STARTS = {0, 48, 16};
  private static final int[] LENGTHS = {5, 30, 20};

  private static final String HIDDEN =
      """
        def test_decode(self: __torch__.Decoder, tokens: Tensor, positions: Tensor, slots: Tensor, starts: Tensor, lengths: Tensor, longest: int) -> Tensor:
          return torch.to(self.decode_hidden(tokens, positions, slots, starts, lengths, longest), 6)
        def test_forward(self: __torch__.Decoder, tokens: Tensor, positions: Tensor, slots: Tensor, spans: List[int]) -> Tensor:
          return torch.to(self.forward(tokens, positions, slots, spans), 6)
      """;

  @ParameterizedTest
  @CsvSource({
    "random-untied, BFLOAT16, true",
    "random-untied, BFLOAT16, false",
    "random-tied, FLOAT32, true",
    "random-qwen2, INT8, true",
    "random-llama, FP8, true",
    "random-llama-tied, INT4, true"
  })
  void theRowsOfOneTokenEachAreThoseOfAStep(String name, Quantization quantization, boolean cuda) {
    Path folder = Path.of("src/test/resources/goldens").resolve(name).resolve("model");
    ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
    Backend backend =
        cuda
            ? CudaPrograms.backend(config, quantization)
            : new Backend(quantization, Kernels.STOCK, cacheOf(quantization));
    try (TorchModule module = CudaPrograms.module(config, backend, HIDDEN)) {
      load(module, config, backend, folder);
      try (TorchModule.Scope scope = module.scope()) {
        prefill(scope, config);
        long[] tokens = {7, 8, 9};
        long[] positions = new long[3];
        long[] slots = new long[3];
        long[] spans = new long[12];
        for (int b = 0; b < 3; b++) {
          positions[b] = LENGTHS[b];
          slots[b] = (long) STARTS[b] + LENGTHS[b];
          long[] span = {b, 1, STARTS[b], LENGTHS[b] + 1};
          System.arraycopy(span, 0, spans, 4 * b, 4);
        }
        float[] step =
            scope
                .call(
                    "test_forward",
                    scope.longs(tokens),
                    scope.longs(positions),
                    scope.longs(slots),
                    spans)
                .toFloatArray();
        float[] decoded =
            scope
                .call(
                    "test_decode",
                    scope.longs(tokens),
                    scope.longs(positions),
                    scope.longs(slots),
                    scope.longs(Arrays.stream(STARTS).asLongStream().toArray()),
                    scope.longs(Arrays.stream(LENGTHS).mapToLong(n -> n + 1).toArray()),
                    64L)
                .toFloatArray();
        assertArrayEquals(step, decoded);
        assertFalse(Arrays.equals(row(step, 0), row(step, 1)), "rows are meant to differ");
      }
    }
  }

  private static KvCacheDtype cacheOf(Quantization quantization) {
    return quantization == Quantization.FLOAT32 ? KvCacheDtype.FLOAT32 : KvCacheDtype.BFLOAT16;
  }

  private static float[] row(float[] rows, int index) {
    int width = rows.length / 3;
    return Arrays.copyOfRange(rows, index * width, (index + 1) * width);
  }

  private static void load(TorchModule module, ModelConfig config, Backend backend, Path folder) {
    CausalLm.setFrequencies(module, config);
    new CausalLmLoader(
            module,
            config,
            Weights.of(SafeTensors.open(folder)),
            new DeviceLinears(module, backend),
            Checkpoint.BFLOAT16)
        .load();
    try (TorchModule.Scope scope = module.scope()) {
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        scope.callForLong("add_empty_cache", 96L);
      }
      scope.callForLong("extend_rope", 96L);
    }
  }

  /** Three prompts; the second one comes in two pieces, of which the last one is a token. */
  private static void prefill(TorchModule.Scope scope, ModelConfig config) {
    Random random = new Random(3);
    for (int piece = 0; piece < 2; piece++) {
      int[] from = piece == 0 ? new int[] {0, 0, 0} : new int[] {5, 29, 12};
      int[] to = piece == 0 ? new int[] {5, 29, 12} : LENGTHS;
      long[] tokens = new long[64];
      long[] positions = new long[64];
      long[] slots = new long[64];
      long[] spans = new long[12];
      int row = 0;
      int runs = 0;
      for (int b = 0; b < 3; b++) {
        int count = to[b] - from[b];
        if (count > 0) {
          long[] span = {row, count, STARTS[b], to[b]};
          System.arraycopy(span, 0, spans, 4 * runs++, 4);
        }
        for (int i = from[b]; i < to[b]; i++, row++) {
          tokens[row] = random.nextInt(config.vocabSize());
          positions[row] = i;
          slots[row] = (long) STARTS[b] + i;
        }
      }
      PtNDArray unused =
          scope.call(
              "test_forward",
              scope.longs(Arrays.copyOf(tokens, row)),
              scope.longs(Arrays.copyOf(positions, row)),
              scope.longs(Arrays.copyOf(slots, row)),
              Arrays.copyOf(spans, 4 * runs));
      assertFalse(unused.isEmpty());
    }
  }
}
