package io.qwark.engine.text;

/**
 * Turns tokens into text as they come. A token may end within a character: the character is held
 * back until it is whole. The pieces, {@link #finish} included, make up {@link Tokenizer#decode} of
 * all tokens. Takes time in proportion to the text. Not thread-safe.
 */
public final class IncrementalDecoder {
  private final Vocabulary vocabulary;
  private final boolean skipSpecial;
  private final Utf8Decoder utf8 = new Utf8Decoder();

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
    int end = vocabulary.end(id);
    for (int i = vocabulary.start(id); i < end; i++) {
      utf8.add(vocabulary.byteAt(i), out);
    }
  }

  void finish(StringBuilder out) {
    utf8.finish(out);
  }
}
