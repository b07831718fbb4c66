package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaShapesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, 64, 64, 2, 1, 12, head_dim",
    "BFLOAT16, 64, 64, 2, 1, 264, head_dim",
    "INT8, 68, 64, 2, 1, 16, hidden_size is 68",
    "FP8, 64, 72, 2, 1, 16, intermediate_size is 72",
    "FP8, 64, 64, 3, 1, 8, num_attention_heads times head_dim is 24",
    "INT4, 64, 48, 2, 1, 16, intermediate_size is 48"
  })
  void shapesThatOperatorsDoNotTakeAreRefused(
      Quantization quantization,
      int hidden,
      int inner,
      int heads,
      int keys,
      int headDim,
      String part)
      throws IOException {
    ModelConfig config = TestConfigs.qwen3(folder, hidden, inner, heads, keys, headDim);
    UserException e =
        assertThrows(UserException.class, () -> CudaPrograms.backend(config, quantization));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertDoesNotThrow(() -> CudaPrograms.backend(config, Quantization.FLOAT32));
  }

  @ParameterizedTest
  @CsvSource({"BFLOAT16", "INT8", "FP8", "INT4"})
  void shapesOfQwen3Point6bAreTaken(Quantization quantization) throws IOException {
    ModelConfig config = TestConfigs.qwen3(folder, 1024, 3072, 16, 8, 128);
    assertDoesNotThrow(() -> CudaPrograms.backend(config, quantization));
  }
}
