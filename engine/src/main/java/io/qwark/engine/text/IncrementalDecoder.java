package io.qwark.engine.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * Turns tokens into text as they come. A token may end within a character: the character is held
 * back until it is whole (with single bytes among texts, until another token follows). The pieces,
 * {@link #finish} included, make up {@link Tokenizer#decode} of all tokens. Takes time in
 * proportion to the text. Not thread-safe.
 */
public final class IncrementalDecoder {
  private final Vocabulary vocabulary;
  private final boolean skipSpecial;
  private final Utf8Decoder utf8 = new Utf8Decoder();

  /** Single bytes that wait for the end of their run. */
  private final ByteArrayOutputStream run = new ByteArrayOutputStream();

  private boolean started;

  IncrementalDecoder(Vocabulary vocabulary, boolean skipSpecial) {
    this.vocabulary = vocabulary;
    this.skipSpecial = skipSpecial;
  }

  /** The text that this token completes; often empty. */
  public String add(int id) {
    StringBuilder piece = new StringBuilder();
    add(id, piece);
    return piece.toString();
  }

  /** What is left at the end: U+FFFD if a character was not completed, else nothing. */
  public String finish() {
    StringBuilder piece = new StringBuilder();
    finish(piece);
    return piece.toString();
  }

  void add(int id, StringBuilder out) {
    if (skipSpecial && vocabulary.isSpecial(id)) {
      return;
    }
    int start = vocabulary.start(id);
    int end = vocabulary.end(id);
    if (vocabulary.decoder() == TokenDecoder.BYTE_LEVEL) {
      for (int i = start; i < end; i++) {
        utf8.add(vocabulary.byteAt(i), out);
      }
    } else if (vocabulary.isByte(id)) {
      run.write(vocabulary.byteAt(start));
    } else if (start < end) {
      endRun(out);
      boolean stripped =
          !started && vocabulary.decoder().stripsSpace() && vocabulary.byteAt(start) == ' ';
      for (int i = stripped ? start + 1 : start; i < end; i++) {
        utf8.add(vocabulary.byteAt(i), out);
      }
      started = true;
    }
  }

  void finish(StringBuilder out) {
    endRun(out);
    utf8.finish(out);
  }

  /** As Hugging Face decodes it: if the run is no UTF-8, each byte of it is U+FFFD. */
  private void endRun(StringBuilder out) {
    if (run.size() == 0) {
      return;
    }
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(run.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      text = "\ufffd".repeat(run.size());
    }
    run.reset();
    boolean stripped = !started && vocabulary.decoder().stripsSpace() && text.startsWith(" ");
    out.append(text, stripped ? 1 : 0, text.length());
    started = true;
  }
}
