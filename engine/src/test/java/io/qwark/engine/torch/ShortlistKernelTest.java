package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shortlist of src/main/cpp against a sort. */
class ShortlistKernelTest extends KernelTest {
  @ParameterizedTest
  @ValueSource(ints = {5, 64, 1000, 1003})
  void theShortlistIsThatOfAStableSort(int vocabulary) {
    int rows = 3;
    int k = Math.min(64, vocabulary);
    Random random = new Random(7);
    float[] scores = new float[rows * vocabulary];
    for (int i = 0; i < scores.length; i++) {
      // Few different values, so that many are equal.
      scores[i] = random.nextInt(40) / 4f - 5;
    }
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray[] result = scope.callForList("shortlist", scope.floats(scores), rows, k);
      float[] values = result[0].toFloatArray();
      long[] ids = result[1].toLongArray();
      float[] logSumExp = result[2].toFloatArray();
      for (int r = 0; r < rows; r++) {
        int first = r * vocabulary;
        int[] sorted =
            IntStream.range(0, vocabulary)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[first + b], scores[first + a]))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
        double sum = 0;
        for (int i = 0; i < vocabulary; i++) {
          sum += Math.exp(scores[first + i]);
        }
        assertEquals(Math.log(sum), logSumExp[r], 1e-5);
        for (int i = 0; i < k; i++) {
          assertEquals(sorted[i], ids[r * k + i], "row " + r + ", place " + i);
          assertEquals(scores[first + sorted[i]], values[r * k + i]);
        }
      }
    }
  }

  @Test
  void whatIsNotANumberComesFirst() {
    try (TorchModule.Scope scope = module.scope()) {
      PtNDArray[] best = scope.callForList("shortlist", scope.floats(0, Float.NaN, 1), 1, 1);
      assertEquals(Float.NaN, best[0].toFloatArray()[0]);
    }
  }
}
