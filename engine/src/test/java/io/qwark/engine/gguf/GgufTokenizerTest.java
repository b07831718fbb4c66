package io.qwark.engine.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.api.UserException;
import io.qwark.engine.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTokenizerTest {
  private static final Path QUICKSTART = Path.of("../datasets/quickstart/model/tokenizer.json");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Texts and ids of Transformers, see tokenizer_golden.py. */
  @Test
  void tokensAreThoseOfTheTokenizerJsonItWasMadeFrom() throws IOException {
    GgufWriter writer = ConvertedModel.addTokenizer(new GgufWriter(), QUICKSTART, "qwen2");
    int compared = 0;
    try (Tokenizer tokenizer = tokenizer(writer)) {
      for (String line : goldens()) {
        JsonNode golden = JSON.readTree(line);
        int[] ids = new int[golden.get("ids").size()];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = golden.get("ids").get(i).asInt();
        }
        assertEquals(golden.get("decoded").asText(), tokenizer.decode(ids, false));
        assertEquals(golden.get("plain").asText(), tokenizer.decode(ids, true));
        if (golden.get("text").isTextual()) {
          assertArrayEquals(ids, tokenizer.encode(golden.get("text").asText()));
          compared++;
        }
      }
      assertEquals(837, tokenizer.vocabSize());
      assertEquals(835, tokenizer.tokenId("<think>"));
      assertFalse(tokenizer.isSpecial(835));
      assertTrue(tokenizer.isSpecial(812));
      assertNull(tokenizer.tokenId("[PAD837]"));
    }
    assertTrue(compared > 200, compared + " texts");
  }

  /**
   * What the regular expressions of the models' own tokenizer.json files (Qwen3, Llama 3.1,
   * SmolLM2, GPT-2) make of texts on which they differ, followed by hand.
   */
  @Test
  void textIsSplitAsTheNameSays() throws IOException {
    assertEquals(List.of("1", "2", "3", "4"), pieces("qwen2", "1234"));
    assertEquals(List.of("123", "4"), pieces("llama-bpe", "1234"));
    assertEquals(List.of("1", "2", "3", "4"), pieces("smollm", "1234"));
    assertEquals(List.of("123", "4"), pieces("gpt-2", "1234"));
    // "xyz" is a token without a merge.
    assertEquals(List.of("x", "y", "z"), pieces("qwen2", "xyz"));
    assertEquals(List.of("xyz"), pieces("llama-bpe", "xyz"));
    // GPT-2 and SmolLM keep a line break apart from a full stop, the others do not.
    assertEquals(List.of(".\n"), pieces("qwen2", ".\n"));
    assertEquals(List.of(".\n"), pieces("llama-bpe", ".\n"));
    assertEquals(List.of(".", "\n"), pieces("smollm", ".\n"));
    assertEquals(List.of(".", "\n"), pieces("gpt-2", ".\n"));
    // U+212B is the letter U+00C5 in NFC, which only Qwen's normalizer asks for.
    assertEquals(List.of("Å"), pieces("qwen2", "\u212b"));
    assertEquals(List.of("\u212b"), pieces("llama-bpe", "\u212b"));
  }

  private List<String> pieces(String pre, String text) throws IOException {
    List<String> tokens =
        new ArrayList<>(List.of("x", "y", "z", "xyz", "12", "123", ".Ċ", ".", "Ċ"));
    for (int b = 0x21; b <= 0x144; b++) {
      String token = Character.toString(b);
      if ((b < 0x7F || b > 0xA0) && b != 0xAD && !tokens.contains(token)) {
        tokens.add(token);
      }
    }
    tokens.addAll(List.of("Ã" + "ħ", "â" + "Ħ", "âĦ" + "«", "Ã" + "ħ!"));
    GgufWriter writer =
        bpe(tokens, List.of("1 2", "12 3", ". Ċ", "Ã ħ", "â Ħ", "âĦ «"))
            .put("tokenizer.ggml.pre", pre);
    List<String> pieces = new ArrayList<>();
    try (Tokenizer tokenizer = tokenizer(writer)) {
      for (int id : tokenizer.encode(text)) {
        pieces.add(tokenizer.decode(new int[] {id}, false));
      }
    }
    return pieces;
  }

  /** The rule is generate_merges of Transformers' convert_slow_tokenizer.py, followed by hand. */
  @Test
  void piecesWithScoresBecomeMerges() throws IOException {
    List<String> tokens =
        List.of("<unk>", "<s>", "</s>", "<0x0A>", "▁", "a", "b", "ab", "▁a", "▁ab");
    GgufWriter writer =
        new GgufWriter()
            .put("tokenizer.ggml.model", "llama")
            .put("tokenizer.ggml.tokens", tokens)
            .put("tokenizer.ggml.token_type", List.of(2, 3, 3, 6, 1, 1, 1, 1, 1, 1))
            .put("tokenizer.ggml.scores", List.of(0f, 0f, 0f, 0f, -9f, -8f, -7f, -2f, -1f, -2f));
    JsonNode json = JSON.readTree(open(writer).tokenizerJson());
    List<String> merges = new ArrayList<>();
    json.at("/model/merges").forEach(m -> merges.add(m.asText()));
    // By score; then the longer left part; the cuts of one piece are not sorted otherwise.
    assertEquals(List.of("▁ a", "▁a b", "▁ ab", "a b"), merges);
    assertTrue(json.at("/model/byte_fallback").asBoolean());
    assertEquals("<unk>", json.at("/model/unk_token").asText());
    assertEquals(
        List.of("<unk>", "<s>", "</s>"), json.get("added_tokens").findValuesAsText("content"));
    assertEquals("Prepend", json.at("/normalizer/normalizers/0/type").asText());
    json =
        JSON.readTree(open(writer.put("tokenizer.ggml.add_space_prefix", false)).tokenizerJson());
    assertEquals("Replace", json.at("/normalizer/normalizers/0/type").asText());
    assertEquals(3, json.at("/decoder/decoders").size());
  }

  @Test
  void aPlainPromptBeginsWithTheTokenThatTheFileAsksFor() throws IOException {
    GgufWriter writer =
        bpe(List.of("a", "b", "ab", "<s>"), List.of("a b"))
            .put("tokenizer.ggml.token_type", List.of(1, 1, 1, 3));
    assertPrompt(writer, 2);
    writer.put("tokenizer.ggml.bos_token_id", 3).put("tokenizer.ggml.eos_token_id", 3);
    assertPrompt(writer, 2);
    assertPrompt(writer.put("tokenizer.ggml.pre", "llama-bpe"), 3, 2);
    assertPrompt(writer.put("tokenizer.ggml.add_bos_token", false), 2);
    assertPrompt(writer.put("tokenizer.ggml.add_eos_token", true), 2, 3);
    assertPrompt(writer.put("tokenizer.ggml.add_bos_token", true), 3, 2, 3);
    assertFails(writer.put("tokenizer.ggml.bos_token_id", 4), "tokenizer.ggml.bos_token_id");
    assertFails(writer.remove("tokenizer.ggml.bos_token_id"), "tokenizer.ggml.bos_token_id");
  }

  private void assertPrompt(GgufWriter writer, int... expected) throws IOException {
    try (Tokenizer tokenizer = tokenizer(writer)) {
      assertArrayEquals(expected, tokenizer.encodePrompt("ab"));
      assertArrayEquals(new int[] {2}, tokenizer.encode("ab"));
    }
  }

  @Test
  void whatIsNoTokenizerIsRefused() {
    GgufWriter sound = bpe(List.of("a", "b", "ab"), List.of("a b"));
    assertFails(sound.put("tokenizer.ggml.pre", "gpt-4o"), "tokenizer.ggml.pre` is gpt-4o");
    assertFails(sound.put("tokenizer.ggml.pre", "gpt-4o"), "gpt-2, gpt2");
    sound.put("tokenizer.ggml.pre", "qwen2");
    assertFails(sound.put("tokenizer.ggml.merges", List.of("a c")), "need the token c");
    assertFails(sound.put("tokenizer.ggml.merges", List.of("b a")), "need the token ba");
    assertFails(sound.put("tokenizer.ggml.merges", List.of("ab")), "is no pair");
    assertFails(sound.remove("tokenizer.ggml.merges"), "`tokenizer.ggml.merges` is missing");
    assertFails(sound.put("tokenizer.ggml.token_type", List.of(1, 1)), "3 tokens and 2 token");
    assertFails(sound.put("tokenizer.ggml.token_type", List.of(1, 1, 7)), "unknown type 7");
    assertFails(bpe(List.of("a", "b", "a"), List.of()), "tokens 0 and 2 are both a");
    assertFails(sound.put("tokenizer.ggml.model", "t5"), "tokenizer.ggml.model` is t5");
  }

  private static GgufWriter bpe(List<String> tokens, List<String> merges) {
    return new GgufWriter()
        .put("tokenizer.ggml.model", "gpt2")
        .put("tokenizer.ggml.pre", "qwen2")
        .put("tokenizer.ggml.tokens", tokens)
        .put("tokenizer.ggml.token_type", tokens.stream().map(t -> 1).toList())
        .put("tokenizer.ggml.merges", merges.isEmpty() ? List.of("a b") : merges);
  }

  private void assertFails(GgufWriter writer, String part) {
    UserException e = assertThrows(UserException.class, () -> open(writer).tokenizerJson());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private GgufModel open(GgufWriter writer) throws IOException {
    Path file = folder.resolve("model.gguf");
    writer.write(file);
    return GgufModel.open(file);
  }

  private Tokenizer tokenizer(GgufWriter writer) throws IOException {
    GgufModel model = open(writer);
    return Tokenizer.of(model.tokenizerJson(), model.path());
  }

  private static List<String> goldens() throws IOException {
    try (InputStream in =
        GgufTokenizerTest.class.getResourceAsStream(
            "/io/qwark/engine/text/tokenizer_golden.jsonl")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
