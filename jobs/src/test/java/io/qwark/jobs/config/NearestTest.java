package io.qwark.jobs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  // Distances by hand; kitten/sitting is the textbook's.
  @ParameterizedTest
  @CsvSource({"kitten,sitting,3", "'',abc,3", "abc,abc,0", "flaw,lawn,2"})
  void countsEdits(String a, String b, int edits) {
    assertEquals(edits, Nearest.distance(a, b));
    assertEquals(edits, Nearest.distance(b, a));
  }

  @Test
  void findsTheNearestAndNothingWhereAllAreFar() {
    assertEquals(Optional.of("top_k"), Nearest.to("topk", List.of("top_p", "top_k", "n")));
    assertEquals(Optional.of("max_tokens"), Nearest.to("max-token", List.of("max_tokens")));
    assertEquals(Optional.empty(), Nearest.to("zebra", List.of("max_tokens", "seed")));
  }
}
