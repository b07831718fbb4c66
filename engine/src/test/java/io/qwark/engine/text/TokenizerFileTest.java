package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFileTest {
  /** Three letters, their two merges, and a special token; it asks for padding and truncation. */
  private static final String SMALL =
      """
      {"version": "1.0",
       "truncation": {"direction": "Right", "max_length": 2, "strategy": "LongestFirst",
                      "stride": 0},
       "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null,
                   "pad_id": 5, "pad_type_id": 0, "pad_token": "<end>"},
       "added_tokens": [{"id": 5, "content": "<end>", "single_word": false, "lstrip": false,
                         "rstrip": false, "normalized": false, "special": true}],
       "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                         "use_regex": false},
       "post_processor": null,
       "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
                   "use_regex": true},
       "model": {"type": "BPE", "dropout": null, "unk_token": null, "fuse_unk": false,
                 "byte_fallback": false, "vocab": {"a": 0, "b": 1, "ab": 2, "\u0120": 3, "abab": 4},
                 "merges": ["a b", "ab ab"]}}
      """;

  @TempDir Path folder;

  @Test
  void paddingAndTruncationOfTheFileAreOff() throws IOException {
    try (Tokenizer tokenizer = open(SMALL)) {
      assertArrayEquals(new int[] {4, 3, 2, 0, 5}, tokenizer.encode("abab aba<end>"));
      assertEquals("abab aba<end>", tokenizer.decode(new int[] {4, 3, 2, 0, 5}, false));
      assertEquals("abab aba", tokenizer.decode(new int[] {4, 3, 2, 0, 5}, true));
      assertEquals(6, tokenizer.vocabSize());
    }
  }

  @Test
  void anAddedTokenGoesBeforeOneOfTheModelWithItsId() throws IOException {
    try (Tokenizer tokenizer = open(SMALL.replace("\"id\": 5", "\"id\": 4"))) {
      assertEquals("<end>", tokenizer.decode(new int[] {4}, false));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"type\": \"BPE\" | \"type\": \"WordPiece\" | its model is WordPiece",
        "\"decoder\": {\"type\": \"ByteLevel\" | \"decoder\": {\"type\": \"Fuse\" | decoder Fuse",
        "\"id\": 5 | \"id\": -5 | token id -5 is out of range",
        "\"id\": 5 | \"id\": 2000000000 | token id 2000000000 is out of range",
        "\"id\": 5, | | lacks its id or content",
        "\"a\": 0 | \"a\": \"x\" | without a whole number",
        "\"a\": 0 | \"a\": 0, \"a\": 1 | Duplicate",
        "\"a b\" | \"x y\" | the tokenizers library failed",
        "{\"version\" | [\"version\" | not a JSON object"
      })
  void refusesWhatItCannotUse(String part, String other, String reason) {
    assertTrue(SMALL.contains(part), part);
    String changed = SMALL.replace(part, other == null ? "" : other);
    UserException e = assertThrows(UserException.class, () -> open(changed));
    assertTrue(e.getMessage().contains("tokenizer.json"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void aDamagedFileIsAUserMistake(int seed) throws IOException {
    byte[] whole = Files.readAllBytes(TokenizerTest.FILE);
    Path file = folder.resolve("tokenizer.json");
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
      if (i % 2 == 0) {
        damaged = whole.clone();
        damaged[random.nextInt(whole.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try (Tokenizer tokenizer = Tokenizer.open(file)) {
        assertTrue(tokenizer.vocabSize() > 0);
      } catch (UserException e) {
        assertTrue(e.getMessage().contains("tokenizer.json"), e.getMessage());
      }
    }
  }

  @Test
  void aMissingFileIsAUserMistake() {
    Path file = folder.resolve("none.json");
    UserException e = assertThrows(UserException.class, () -> Tokenizer.open(file));
    assertTrue(e.getMessage().contains("none.json"), e.getMessage());
  }

  private Tokenizer open(String json) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, json);
    return Tokenizer.open(file);
  }
}
