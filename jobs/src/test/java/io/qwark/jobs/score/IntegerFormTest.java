package io.qwark.jobs.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntegerFormTest {
  // Left: a way to write the integer; right: the integer, worked out by hand.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "42|42",
        " 42 |42",
        "033|33",
        "000|0",
        "0|0",
        "+7|7",
        "-7|-7",
        "\u22127|-7",
        "- 7|-7",
        "-0|0",
        "42.|42",
        "42.0|42",
        "42.000|42",
        "1,234|1234",
        "1{,}234|1234",
        "1,234,567|1234567",
        "1{,}234{,}567.00|1234567",
        "10\\,080|10080",
        "10,\\!080|10080",
        "10\\ 080|10080",
        "10\u202f080|10080",
        "$42$|42",
        "$42$.|42",
        "\\(42\\)|42",
        "\\[ 42 \\]|42",
        "{42}|42",
        "(42)|42",
        "**42**|42",
        "\\text{42}|42",
        "\\text{42.}|42",
        "\\mathrm{42}|42",
        "\\textbf{$\\mathbf{42}$}|42",
        "\\boxed{42}|42",
        "70^\\circ|70",
        "70^{\\circ}|70",
        "70\u00b0|70",
        "$70^\\circ$|70",
        "20\\%|20",
        "20%|20",
        "\\$18|18",
        "-\\$18|-18",
        "$\\$1,800$|1800",
        "42\\text{ cm}|42",
        "42\\,\\mathrm{cm}^2|42",
        "42 \\text{ apples}.|42",
        "x = 42|42",
        "a_1=42|42",
        "m + n = 33|33",
        "$x=42$|42",
        "123456789012345678901234567890|123456789012345678901234567890",
      })
  void readsEveryFormOfAnInteger(String text, BigInteger value) {
    assertEquals(Optional.of(value), IntegerForm.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "-",
        "$",
        "42.5",
        "0.42",
        "1,23",
        "1,2345",
        "12,34,567",
        "1, 234",
        "1.234.567",
        "3,4",
        "\\frac{84}{2}",
        "84/2",
        "\\frac12",
        "4e1",
        "0x2A",
        "--5",
        "+-5",
        "4 2",
        "42i",
        "x",
        "2x = 84",
        "x^2 = 4",
        "(1, 2)",
        "42 or 43",
        "5\\text{ million}",
        "3\\text{i}",
        "\\sqrt{4}",
        "4^2",
        "x\u00b2",
        "\u0664\u0662",
        "42\u0000",
        "42\ud800",
        "\\text{forty-two}",
        "None",
        "1{,}23",
        "1,234 567"
      })
  void takesNothingElseForAnInteger(String text) {
    assertEquals(Optional.empty(), IntegerForm.parse(text));
  }

  @Test
  void takesNoTextThatIsMissing() {
    assertEquals(Optional.empty(), IntegerForm.parse(null));
  }

  @Test
  void boundsTheSizeOfNumbers() {
    String longest = "9".repeat(IntegerForm.MAX_CHARS);
    assertEquals(Optional.of(new BigInteger(longest)), IntegerForm.parse(longest));
    assertEquals(Optional.empty(), IntegerForm.parse(longest + "9"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "$", "(", "1,", ",111", "\\text{", "\\!", " ", "7\\text{ a", "a+", "**"})
  void staysFastOnRepetitions(String unit) {
    String text = unit.repeat(IntegerForm.MAX_CHARS / unit.length());
    assertTimeout(Duration.ofSeconds(2), () -> IntegerForm.parse(text));
    assertTimeout(Duration.ofSeconds(2), () -> IntegerForm.parse("1" + text));
  }
}
