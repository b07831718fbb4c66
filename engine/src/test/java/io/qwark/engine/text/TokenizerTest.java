package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizerTest {
  static final Path FILE = Path.of("..", "datasets", "quickstart", "model", "tokenizer.json");

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
    return GoldenFile.committed("tokenizer_golden.jsonl");
  }

  /** Made by transformers, see tokenizer_golden.py. */
  @ParameterizedTest
  @MethodSource("goldens")
  void agreesWithTransformers(JsonNode golden) {
    int[] ids = ids(golden);
    if (golden.get("text").isTextual()) {
      assertArrayEquals(ids, tokenizer.encode(golden.get("text").asText()));
    }
    assertEquals(golden.get("decoded").asText(), tokenizer.decode(ids, false));
    assertEquals(golden.get("plain").asText(), tokenizer.decode(ids, true));
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void piecesMakeUpTheWhole(JsonNode golden) {
    for (String field : List.of("decoded", "plain")) {
      IncrementalDecoder decoder = tokenizer.decoder(field.equals("plain"));
      StringBuilder text = new StringBuilder();
      for (int id : ids(golden)) {
        text.append(decoder.add(id));
      }
      text.append(decoder.finish());
      assertEquals(golden.get(field).asText(), text.toString());
    }
  }

  @Test
  void aCharacterIsHeldBackUntilItIsWhole() {
    int[] ids = tokenizer.encode("😀");
    assertEquals(4, ids.length);
    IncrementalDecoder decoder = tokenizer.decoder(false);
    assertEquals("", decoder.add(ids[0]));
    assertEquals("", decoder.add(ids[1]));
    assertEquals("", decoder.add(ids[2]));
    assertEquals("😀", decoder.add(ids[3]));
    assertEquals("", decoder.add(ids[0]));
    assertEquals("\ufffd", decoder.finish());
  }

  @Test
  void decodingTakesLinearTime() {
    int[] ids = tokenizer.encode("x");
    IncrementalDecoder decoder = tokenizer.decoder(false);
    StringBuilder text = new StringBuilder();
    assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          for (int i = 0; i < 2_000_000; i++) {
            text.append(decoder.add(ids[0]));
          }
        });
    assertEquals(2_000_000, text.length());
  }

  @Test
  void knowsItsTokens() {
    assertEquals(837, tokenizer.vocabSize());
    assertEquals(836, tokenizer.tokenId("</think>"));
    assertNull(tokenizer.tokenId("<nothing>"));
    assertTrue(tokenizer.isSpecial(tokenizer.tokenId("<|im_end|>")));
    assertFalse(tokenizer.isSpecial(tokenizer.tokenId("</think>")));
    assertFalse(tokenizer.isSpecial(-1));
  }

  @Test
  void idsWithoutTokenStandForNothing() {
    int h = tokenizer.encode("h")[0];
    int[] ids = {h, 837, 895, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, h};
    assertEquals("hh", tokenizer.decode(ids, true));
    assertEquals("hh", tokenizer.decode(ids, false));
  }

  @Test
  void unpairedSurrogatesAreReplacedOneByOne() {
    String broken = "a\ud83db\ude00c\ude00\ud83d😀\ud83d";
    String repaired = "a\ufffdb\ufffdc\ufffd\ufffd😀\ufffd";
    assertArrayEquals(tokenizer.encode(repaired), tokenizer.encode(broken));
    assertEquals(repaired, tokenizer.decode(tokenizer.encode(broken), false));
  }

  @Test
  void nulIsACharacterLikeOthers() {
    assertEquals("a\u0000b", tokenizer.decode(tokenizer.encode("a\u0000b"), true));
  }

  @Test
  void encodesAMegabyte() {
    String text = "Two and two 二加二 😀\n".repeat(60_000);
    assertTrue(text.length() > 1_000_000);
    assertTimeout(
        Duration.ofSeconds(60),
        () -> assertEquals(text, tokenizer.decode(tokenizer.encode(text), true)));
  }

  /** In a run of 16M spaces the library's regular expressions give up and abort the process. */
  @Test
  void theLongestRunOfSpacesIsSurvived() {
    String text = " ".repeat(Tokenizer.MAX_TEXT_LENGTH - 1) + "x";
    assertEquals(text, tokenizer.decode(tokenizer.encode(text), true));
  }

  @Test
  void refusesTextsBeyondAnyContext() {
    String text = "x".repeat(Tokenizer.MAX_TEXT_LENGTH + 1);
    RequestException e = assertThrows(RequestException.class, () -> tokenizer.encode(text));
    assertEquals(ErrorCode.PROMPT_TOO_LONG, e.code());
  }

  @Test
  void manyThreadsShareIt() throws Exception {
    List<JsonNode> goldens = goldens();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Callable<Integer> task =
            () -> {
              int checked = 0;
              for (JsonNode golden : goldens) {
                if (golden.get("text").isTextual()) {
                  assertArrayEquals(ids(golden), tokenizer.encode(golden.get("text").asText()));
                  checked++;
                }
              }
              return checked;
            };
        counts.add(threads.submit(task));
      }
      for (Future<Integer> count : counts) {
        assertEquals(262, count.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aClosedTokenizerEncodesNothing() {
    Tokenizer closed = Tokenizer.open(FILE);
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.encode("x"));
    assertEquals("", closed.decode(new int[0], true));
  }

  private static int[] ids(JsonNode golden) {
    int[] ids = new int[golden.get("ids").size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = golden.get("ids").get(i).asInt();
    }
    return ids;
  }
}
