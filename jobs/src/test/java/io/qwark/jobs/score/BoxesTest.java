package io.qwark.jobs.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoxesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\\boxed{42}|42",
        "\\fbox{42}|42",
        "\\boxed {42}|42",
        "\\\\boxed{42}|42",
        "\\boxed{1} and \\boxed{2}.|2",
        "\\boxed{1} and \\fbox{2}.|2",
        "\\boxed{\\frac{1}{2}}|\\frac{1}{2}",
        "\\boxed{\\boxed{42}}|42",
        "\\boxed{a \\} b}|a \\} b",
        "{ \\boxed{42} and {|42",
        "}} \\boxed{42}|42",
        "\\boxed{42} then \\boxed{}|42",
        "\\boxed{42} then \\boxed{4|42",
        "\\boxed{4 \\boxed{42}|42",
      })
  void findsTheLastClosedBox(String text, String content) {
    assertEquals(content, Boxes.find(text).last());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "42", "boxed{42}", "\\boxed", "\\boxed 42", "\\boxed{", "\\boxed{ }"})
  void findsNoneWhereNoneIs(String text) {
    assertNull(Boxes.find(text).last());
  }

  @Test
  void tellsWhereABoxIsLeftOpen() {
    assertEquals(3, Boxes.find("is \\boxed{12").unclosedAt());
    assertEquals(3, Boxes.find("is \\boxed{12 {\\boxed{").unclosedAt());
    assertEquals(-1, Boxes.find("is {\\boxed{12}").unclosedAt());
  }

  @Test
  void measuresNesting() {
    assertEquals(0, Boxes.depth("42 \\{\\{"));
    assertEquals(3, Boxes.depth("{}{{{}}}{}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\boxed{", "{", "}", "\\boxed{}", "\\boxed ", "\\", "\\boxed{1}"})
  void staysLinearOnAMillionCharacters(String unit) {
    String text = unit.repeat(1_000_000 / unit.length());
    assertTimeout(Duration.ofSeconds(5), () -> Boxes.find(text));
    assertTimeout(Duration.ofSeconds(5), () -> Boxes.find(text + "}".repeat(text.length())));
  }
}
