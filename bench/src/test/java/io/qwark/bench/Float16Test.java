package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Float16Test {
  /** Bits as numpy.float16(value).view(numpy.uint16) gives them. */
  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "1, 3C00",
    "-2, C000",
    "0.1, 2E66",
    "0.00033333, 0D76",
    "65504, 7BFF",
    // Half way between two neighbours: to the even one, up and down.
    "2049, 6800",
    "2051, 6802",
    "65520, 7C00",
    "1e9, 7C00",
    "-1e9, FC00",
    // The least normal number, and subnormal ones.
    "6.103515625e-5, 0400",
    "6.0975551605224609e-05, 03FF",
    "-5.9604644775390625e-8, 8001",
    "2.98023223876953125e-8, 0000",
    "3e-8, 0001",
    "1e-30, 0000",
  })
  void roundsToTheNearestHalf(float value, String bits) {
    assertEquals(bits, "%04X".formatted(Float16.bits(value) & 0xFFFF));
  }
}
