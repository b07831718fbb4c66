package io.qwark.engine.text;

import java.util.BitSet;
import java.util.Map;

/**
 * The bytes of every token, packed into one array: some MB for Qwen3's 151,669 tokens. Ids outside
 * of it, such as a model's padding of its vocabulary, have no bytes. Immutable.
 */
final class Vocabulary {
  private final byte[] bytes;

  /** Token id's bytes lie from offsets[id] to offsets[id + 1]. */
  private final int[] offsets;

  private final BitSet special;
  private final Map<String, Integer> added;
  private final TokenDecoder decoder;
  private final BitSet single;

  /**
   * @param tokens by id; null where there is none
   * @param special the ids of special tokens; not copied
   * @param added the ids of added tokens, special or not
   * @param single the ids of tokens that stand for one byte, see {@link TokenDecoder}; not copied
   */
  Vocabulary(
      byte[][] tokens,
      BitSet special,
      Map<String, Integer> added,
      TokenDecoder decoder,
      BitSet single) {
    this.offsets = new int[tokens.length + 1];
    int size = 0;
    for (int id = 0; id < tokens.length; id++) {
      size = Math.addExact(size, tokens[id] == null ? 0 : tokens[id].length);
      offsets[id + 1] = size;
    }
    this.bytes = new byte[size];
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] != null) {
        System.arraycopy(tokens[id], 0, bytes, offsets[id], tokens[id].length);
      }
    }
    this.special = special;
    this.added = Map.copyOf(added);
    this.decoder = decoder;
    this.single = single;
  }

  /** One more than the highest id. */
  int size() {
    return offsets.length - 1;
  }

  boolean isSpecial(int id) {
    return id >= 0 && special.get(id);
  }

  /** How tokens become text. */
  TokenDecoder decoder() {
    return decoder;
  }

  /** Whether this token is one byte among texts. */
  boolean isByte(int id) {
    return id >= 0 && single.get(id);
  }

  /** The id of an added token, or null. */
  Integer addedToken(String token) {
    return added.get(token);
  }

  /** Where the bytes of a token begin. */
  int start(int id) {
    return id >= 0 && id < size() ? offsets[id] : 0;
  }

  int end(int id) {
    return id >= 0 && id < size() ? offsets[id + 1] : 0;
  }

  byte byteAt(int position) {
    return bytes[position];
  }
}
