package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.qwark.bench.GreedyTexts;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TinyModelsTest {
  @Test
  void oneTextIsAsLongAsManyTogether() {
    int[] many = IntStream.range(5, 900).toArray();
    GreedyTexts.Text joined =
        TinyModels.joined(
            List.of(
                new GreedyTexts.Text(new int[] {0, 1}, new int[] {2}),
                new GreedyTexts.Text(new int[] {3, 4}, many)));
    assertArrayEquals(new int[] {0, 1}, joined.prompt());
    assertArrayEquals(IntStream.range(2, 600).toArray(), joined.output());
  }
}
