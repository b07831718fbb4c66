package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8DecoderTest {
  /** The Unicode Standard 15.0, section 3.9, tables 3-8 to 3-11; R stands for U+FFFD. */
  @ParameterizedTest
  @CsvSource({
    "C0 AF E0 80 BF F0 81 82 41, RRRRRRRRA",
    "ED A0 80 ED BF BF ED AF 41, RRRRRRRRA",
    "F4 91 92 93 FF 41 80 BF 42, RRRRRARRB",
    "E1 80 E2 F0 91 92 F1 BF 41, RRRRA"
  })
  void replacesMaximalPartsOfBrokenSequences(String hex, String expected) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    assertEquals(expected.replace('R', '\ufffd'), decode(bytes));
  }

  @Test
  void aCharacterCutOffAtTheEndIsOneReplacement() {
    assertEquals("a\ufffd", decode(new byte[] {'a', (byte) 0xf0, (byte) 0x9f, (byte) 0x98}));
  }

  @Test
  void decodesEveryCodePoint() {
    for (int start = 0; start <= Character.MAX_CODE_POINT; start += 4096) {
      StringBuilder text = new StringBuilder();
      for (int c = start; c < start + 4096; c++) {
        if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
          text.appendCodePoint(c);
        }
      }
      assertEquals(text.toString(), decode(text.toString().getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static String decode(byte[] bytes) {
    Utf8Decoder decoder = new Utf8Decoder();
    StringBuilder out = new StringBuilder();
    for (byte b : bytes) {
      decoder.add(b, out);
    }
    decoder.finish(out);
    return out.toString();
  }
}
