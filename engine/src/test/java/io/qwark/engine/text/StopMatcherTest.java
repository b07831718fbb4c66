package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StopMatcherTest {
  @Test
  void cutsTheTextBeforeTheStopString() {
    StopMatcher matcher = new StopMatcher(List.of("END"));
    assertFalse(matcher.add("some text E"));
    assertTrue(matcher.add("ND and more"));
    assertEquals("some text ", matcher.text());
    assertTrue(matcher.add("later"));
    assertEquals("some text ", matcher.text());
  }

  @Test
  void withoutMatchTheTextIsWhole() {
    StopMatcher matcher = new StopMatcher(List.of("END"));
    assertFalse(matcher.add("E"));
    assertFalse(matcher.add("N"));
    assertEquals("EN", matcher.text());
  }

  @Test
  void findsStopStringsThatOverlapThemselves() {
    assertEquals("xa", cut(List.of("aab"), "xaaab"));
    assertEquals("ab", cut(List.of("ababc"), "abababc"));
  }

  @Test
  void theMatchThatEndsFirstCounts() {
    assertEquals("a", cut(List.of("abcd", "bc"), "abcd"));
  }

  @Test
  void ofMatchesThatEndTogetherTheLongestCounts() {
    assertEquals("x", cut(List.of("c", "abc", "bc"), "xabc"));
  }

  @Test
  void anEmptyStopStringIsABug() {
    assertThrows(IllegalArgumentException.class, () -> new StopMatcher(List.of("")));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void agreesWithASearchOfTheWholeTextHoweverItIsCut(int seed) {
    Random random = new Random(seed);
    List<String> stops =
        IntStream.range(0, 1 + random.nextInt(3))
            .mapToObj(i -> letters(random, 1 + random.nextInt(5)))
            .toList();
    String text = letters(random, 40);
    String expected = text;
    for (int end = 1; end <= text.length() && expected.length() == text.length(); end++) {
      for (String stop : stops) {
        if (text.substring(0, end).endsWith(stop) && end - stop.length() < expected.length()) {
          expected = text.substring(0, end - stop.length());
        }
      }
    }
    StopMatcher matcher = new StopMatcher(stops);
    for (int start = 0; start < text.length(); ) {
      int end = Math.min(text.length(), start + random.nextInt(6));
      matcher.add(text.substring(start, end));
      start = end;
    }
    assertEquals(expected, matcher.text(), () -> stops + " in " + text);
  }

  static IntStream seeds() {
    return IntStream.range(0, 200);
  }

  @Test
  void takesLinearTime() {
    StopMatcher matcher = new StopMatcher(List.of("a".repeat(1000) + "b"));
    String piece = "a".repeat(100);
    assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          for (int i = 0; i < 50_000; i++) {
            matcher.add(piece);
          }
        });
    assertTrue(matcher.add("b"));
    assertEquals(5_000_000 - 1000, matcher.text().length());
  }

  private static String cut(List<String> stops, String text) {
    StopMatcher matcher = new StopMatcher(stops);
    matcher.add(text);
    return matcher.text();
  }

  private static String letters(Random random, int length) {
    return random
        .ints(length, 0, 3)
        .collect(StringBuilder::new, (s, i) -> s.append((char) ('a' + i)), StringBuilder::append)
        .toString();
  }
}
