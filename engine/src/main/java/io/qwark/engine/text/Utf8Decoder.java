package io.qwark.engine.text;

/**
 * Decodes UTF-8 byte by byte. Each maximal part of a broken sequence becomes one U+FFFD, as the
 * WHATWG Encoding Standard (https://encoding.spec.whatwg.org/#utf-8-decoder) prescribes and Rust's
 * {@code from_utf8_lossy}, which Hugging Face's tokenizers use, does. Java's own decoder counts
 * encoded surrogates differently.
 */
final class Utf8Decoder {
  private static final char REPLACEMENT = '\ufffd';

  private int codePoint;
  private int missing;
  private int least = 0x80;
  private int most = 0xbf;

  void add(byte value, StringBuilder out) {
    int b = value & 0xff;
    if (missing > 0) {
      if (b >= least && b <= most) {
        codePoint = codePoint << 6 | b & 0x3f;
        least = 0x80;
        most = 0xbf;
        missing--;
        if (missing == 0) {
          out.appendCodePoint(codePoint);
        }
        return;
      }
      finish(out);
    }
    start(b, out);
  }

  /** Ends the text: a character that has begun becomes U+FFFD. */
  void finish(StringBuilder out) {
    if (missing > 0) {
      out.append(REPLACEMENT);
    }
    missing = 0;
    least = 0x80;
    most = 0xbf;
  }

  private void start(int b, StringBuilder out) {
    if (b < 0x80) {
      out.append((char) b);
    } else if (b >= 0xc2 && b <= 0xdf) {
      await(1, b & 0x1f);
    } else if (b >= 0xe0 && b <= 0xef) {
      await(2, b & 0xf);
      least = b == 0xe0 ? 0xa0 : least;
      most = b == 0xed ? 0x9f : most;
    } else if (b >= 0xf0 && b <= 0xf4) {
      await(3, b & 0x7);
      least = b == 0xf0 ? 0x90 : least;
      most = b == 0xf4 ? 0x8f : most;
    } else {
      out.append(REPLACEMENT);
    }
  }

  private void await(int bytes, int firstBits) {
    missing = bytes;
    codePoint = firstBits;
  }
}
