package io.qwark.engine.gguf;

import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.MappedFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the head of a file from front to back. Whatever a length or count claims is held against
 * the bytes that are left before anything is allocated for it.
 */
final class GgufCursor {
  /** Far above any real one: a vocabulary of 262,144 tokens with its merges takes some 20 MB. */
  static final long MAX_HEAD_BYTES = 128L << 20;

  private final MappedFile file;
  private final ByteBuffer bytes;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  GgufCursor(MappedFile file) {
    this.file = file;
    this.bytes = file.slice(0, Math.min(file.size(), MAX_HEAD_BYTES));
  }

  int int8() {
    return need(1, "a number").get();
  }

  int int16() {
    return need(2, "a number").getShort();
  }

  int int32() {
    return need(4, "a number").getInt();
  }

  long int64() {
    return need(8, "a number").getLong();
  }

  float float32() {
    return need(4, "a number").getFloat();
  }

  double float64() {
    return need(8, "a number").getDouble();
  }

  /**
   * A count of things to come.
   *
   * @param least bytes that one of them takes at least
   * @param most how many a real file can have
   */
  int count(String what, int least, int most) {
    long count = int64();
    if (count < 0 || count > bytes.remaining() / least) {
      throw tooLong("it announces " + Long.toUnsignedString(count) + " " + what);
    }
    if (count > most) {
      throw damaged("it announces " + count + " " + what + ", and at most " + most + " are read");
    }
    return (int) count;
  }

  String text(String what, int most) {
    int length = count("bytes of " + what, 1, most);
    ByteBuffer text = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    try {
      return utf8.decode(text).toString();
    } catch (CharacterCodingException e) {
      throw damaged(what + " before byte " + bytes.position() + " is no UTF-8");
    }
  }

  /** Bytes read so far. */
  int position() {
    return bytes.position();
  }

  UserException damaged(String reason) {
    return GgufErrors.damaged(file.path(), reason);
  }

  private ByteBuffer need(int count, String what) {
    if (bytes.remaining() < count) {
      throw tooLong("it needs " + what);
    }
    return bytes;
  }

  private UserException tooLong(String claim) {
    return damaged(
        claim
            + " at byte "
            + bytes.position()
            + (file.size() > bytes.limit()
                ? ", beyond the " + MAX_HEAD_BYTES + " bytes that are read as its head"
                : ", and ends after " + file.size() + " bytes; it may be cut short"));
  }
}
