package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A tokenizer of Llama 2's kind; what it gives comes from fallback_golden.py. */
class ByteFallbackTest {
  private static final Path FILE =
      Path.of("src/test/resources/io/qwark/engine/text/fallback_tokenizer.json");

  private static Tokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = Tokenizer.open(FILE);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  static List<JsonNode> goldens() {
    return GoldenFile.committed("fallback_golden.jsonl");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void agreesWithTheTokenizersLibrary(JsonNode golden) {
    int[] ids = ids(golden.get("ids"));
    if (golden.get("text").isTextual()) {
      String text = golden.get("text").asText();
      assertArrayEquals(ids, tokenizer.encode(text));
      assertArrayEquals(ids(golden.get("prompt")), tokenizer.encodePrompt(text));
    }
    assertEquals(golden.get("decoded").asText(), tokenizer.decode(ids, false));
    assertEquals(golden.get("plain").asText(), tokenizer.decode(ids, true));
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void piecesMakeUpTheWhole(JsonNode golden) {
    for (boolean skipSpecial : new boolean[] {false, true}) {
      IncrementalDecoder decoder = tokenizer.decoder(skipSpecial);
      StringBuilder text = new StringBuilder();
      for (int id : ids(golden.get("ids"))) {
        text.append(decoder.add(id));
      }
      text.append(decoder.finish());
      assertEquals(golden.get(skipSpecial ? "plain" : "decoded").asText(), text.toString());
    }
  }

  @Test
  void bytesAreHeldBackUntilAnotherTokenFollows() {
    IncrementalDecoder decoder = tokenizer.decoder(false);
    assertEquals("", decoder.add(3 + 0xc3));
    assertEquals("", decoder.add(3 + 0xb6));
    assertEquals("öl", decoder.add(tokenizer.encode("l")[1]));
  }

  @Test
  void aDecoderWithoutStrippingKeepsTheFirstSpace() throws IOException {
    String strip = ",{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}";
    try (Tokenizer keeps = Tokenizer.of(changed(strip, ""), FILE)) {
      assertEquals(" the", keeps.decode(keeps.encode("the"), false));
      assertEquals("the", tokenizer.decode(tokenizer.encode("the"), false));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"Fuse\"}, | | [Replace, ByteFallback, Strip]",
        "\"start\":1 | \"start\":2 | [Replace, ByteFallback, Fuse, Strip]",
        "{\"String\":\"▁\"},\"content\":\" \"},{\"type\":\"B | {\"String\":\"_\"},\"content\":\" \"},{\"type\":\"B"
            + " | [Replace, ByteFallback, Fuse, Strip]"
      })
  void otherDecodersAreRefused(String part, String other, String name) throws IOException {
    String json = changed(part, other == null ? "" : other);
    UserException e = assertThrows(UserException.class, () -> Tokenizer.of(json, FILE));
    assertEquals("its model is BPE and its decoder " + name, e.reason());
  }

  private static String changed(String part, String other) throws IOException {
    String json = Files.readString(FILE);
    assertTrue(json.contains(part), part);
    return json.replace(part, other);
  }

  @Test
  void onlyPlainTextGetsTheSpecialTokensThatThePostProcessorAdds() {
    int[] ids = tokenizer.encode("the");
    int[] withBegin = IntStream.concat(IntStream.of(1), IntStream.of(ids)).toArray();
    assertArrayEquals(withBegin, tokenizer.encodePrompt("the"));
    assertArrayEquals(withBegin, tokenizer.encode("<s>the"));
  }

  private static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }
}
