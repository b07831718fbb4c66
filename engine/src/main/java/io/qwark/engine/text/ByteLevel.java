package io.qwark.engine.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The alphabet of byte-level BPE: each byte is written as one visible character. Bytes that are
 * visible in Latin-1 stand for themselves, the others take the characters from U+0100 on, in order
 * (GPT-2's {@code bytes_to_unicode}).
 */
final class ByteLevel {
  private static final short[] BYTE_OF = new short[0x144];

  static {
    Arrays.fill(BYTE_OF, (short) -1);
    int next = 0x100;
    for (int b = 0; b < 0x100; b++) {
      boolean visible = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
      BYTE_OF[visible ? b : next++] = (short) b;
    }
  }

  private ByteLevel() {}

  /** The bytes of a token; one that leaves the alphabet stands for its own UTF-8. */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTE_OF.length || BYTE_OF[c] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTE_OF[c];
    }
    return bytes;
  }
}
