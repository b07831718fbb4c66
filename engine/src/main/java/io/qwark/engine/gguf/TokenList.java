package io.qwark.engine.gguf;

/** The vocabulary of a file: texts and kinds by id. */
final class TokenList {
  static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String KINDS = "tokenizer.ggml.token_type";

  /** Kinds, {@code enum llama_token_type} of llama.cpp. */
  private static final int NORMAL = 1;

  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  private final String[] texts;
  private final long[] kinds;

  private TokenList(String[] texts, long[] kinds) {
    this.texts = texts;
    this.kinds = kinds;
  }

  /**
   * @throws io.qwark.engine.api.UserException if there is none, or the kinds are not as many
   */
  static TokenList of(GgufMetadata metadata) {
    String[] texts = metadata.texts(TOKENS);
    long[] kinds = metadata.integers(KINDS);
    if (texts.length == 0 || kinds.length != texts.length) {
      throw metadata.damaged(
          "it has " + texts.length + " tokens and " + kinds.length + " token types");
    }
    for (int id = 0; id < kinds.length; id++) {
      if (kinds[id] < NORMAL || kinds[id] > BYTE) {
        throw metadata.damaged("token " + id + " is of the unknown type " + kinds[id]);
      }
    }
    return new TokenList(texts, kinds);
  }

  int size() {
    return texts.length;
  }

  String text(int id) {
    return texts[id];
  }

  /** Whether it pads the vocabulary: the model never produces it and no text holds it. */
  boolean isUnused(int id) {
    return kinds[id] == UNUSED;
  }

  /** Whether it is found as a whole, before a text is split. */
  boolean isAdded(int id) {
    return isSpecial(id) || kinds[id] == USER_DEFINED;
  }

  /** Whether it is no text of the model's answer. */
  boolean isSpecial(int id) {
    return kinds[id] == CONTROL || kinds[id] == UNKNOWN;
  }
}
