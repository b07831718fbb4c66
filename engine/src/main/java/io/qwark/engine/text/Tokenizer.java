package io.qwark.engine.text;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * BPE over bytes as a {@code tokenizer.json} describes it: byte-level (Qwen, Llama 3) or with bytes
 * for what the vocabulary lacks (Llama 2). Encoding is Hugging Face's own library; decoding happens
 * here and gives the same text. Works offline. All methods may be called from any thread. Holds
 * native memory (some 200 MB for Qwen3) until it is closed.
 */
public final class Tokenizer implements AutoCloseable {
  /**
   * Longest text in UTF-16 units, beyond any context. In a longer one the library would meet the
   * limit of its regular expressions (10 million retries, in a run of white space) and then abort
   * the whole process; it also needs some 300 bytes of memory for each unit.
   */
  static final int MAX_TEXT_LENGTH = 1 << 22;

  private final NativeTokenizer encoder;
  private final Vocabulary vocabulary;

  private Tokenizer(NativeTokenizer encoder, Vocabulary vocabulary) {
    this.encoder = encoder;
    this.vocabulary = vocabulary;
  }

  /**
   * Loads a tokenizer; takes up to a second.
   *
   * @param file a {@code tokenizer.json}
   * @throws UserException if it cannot be read, is damaged or is not BPE over bytes
   */
  public static Tokenizer open(Path file) {
    try {
      return of(Files.readString(file), file);
    } catch (IOException e) {
      throw unusable(file, e.toString(), e);
    }
  }

  /**
   * Loads a tokenizer; takes up to a second.
   *
   * @param json what a {@code tokenizer.json} holds
   * @param file where it comes from, for messages
   * @throws UserException if it is damaged or is not BPE over bytes
   */
  public static Tokenizer of(String json, Path file) {
    Vocabulary vocabulary = TokenizerFile.read(json, file);
    try {
      return new Tokenizer(new NativeTokenizer(json), vocabulary);
    } catch (RuntimeException | LinkageError e) {
      // The binding throws RuntimeException for whatever its library does not accept.
      throw unusable(file, "the tokenizers library failed with: " + e.getMessage(), e);
    }
  }

  /**
   * The tokens of a text as it stands: special tokens written in it count as such, and none are
   * added. An unpaired surrogate, which is no Unicode text, is taken as U+FFFD.
   *
   * @throws RequestException if the text is longer than 4,194,304 UTF-16 units, or the tokenizers
   *     library fails
   */
  public int[] encode(String text) {
    return encode(text, false);
  }

  /**
   * The tokens of a prompt that is plain text: as {@link #encode}, with the special tokens around
   * it that the model was trained to find there, such as Llama's {@code <|begin_of_text|>}; Qwen's
   * tokenizers add none. That is what Hugging Face's tokenizers do when they are called with a
   * text; a conversation gets none beside those that its template writes.
   *
   * @throws RequestException as {@link #encode}
   */
  public int[] encodePrompt(String text) {
    return encode(text, true);
  }

  private int[] encode(String text, boolean addSpecial) {
    if (text.length() > MAX_TEXT_LENGTH) {
      throw new RequestException(
          ErrorCode.PROMPT_TOO_LONG,
          "Cannot tokenize a text of "
              + text.length()
              + " UTF-16 units: at most "
              + MAX_TEXT_LENGTH
              + " are possible");
    }
    try {
      return Arrays.stream(encoder.encode(UnicodeText.wellFormed(text), addSpecial))
          .mapToInt(Math::toIntExact)
          .toArray();
    } catch (IllegalStateException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new RequestException(
          ErrorCode.ENGINE_FAILURE,
          "Cannot tokenize a text of " + text.length() + " UTF-16 units: " + e.getMessage(),
          e);
    }
  }

  /**
   * The text of tokens, spaces left as they are. Ids without a token, such as those that pad a
   * model's vocabulary, stand for nothing; bytes that are no UTF-8 for U+FFFD.
   *
   * @param skipSpecial whether tokens that are marked as special are left out ({@code </think>} and
   *     {@code <tool_call>} of Qwen3 are not)
   */
  public String decode(int[] ids, boolean skipSpecial) {
    IncrementalDecoder decoder = decoder(skipSpecial);
    StringBuilder text = new StringBuilder(ids.length * 4);
    for (int id : ids) {
      decoder.add(id, text);
    }
    decoder.finish(text);
    return text.toString();
  }

  /** A decoder for one growing text. */
  public IncrementalDecoder decoder(boolean skipSpecial) {
    return new IncrementalDecoder(vocabulary, skipSpecial);
  }

  /** One more than the highest token id; a model's own vocabulary may be padded beyond it. */
  public int vocabSize() {
    return vocabulary.size();
  }

  /** The id of an added token such as {@code </think>}, or null if there is none. */
  public Integer tokenId(String addedToken) {
    return vocabulary.addedToken(addedToken);
  }

  /** Whether this token is marked as special. */
  public boolean isSpecial(int id) {
    return vocabulary.isSpecial(id);
  }

  /** Frees native memory; encoding is then an {@link IllegalStateException}. */
  @Override
  public void close() {
    encoder.close();
  }

  private static UserException unusable(Path file, String reason, Throwable underlying) {
    return new UserException(
        "Cannot load the tokenizer " + file,
        reason,
        "Download the model folder again, or point to another one",
        underlying);
  }
}
