package io.qwark.engine.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** How the tokens of a {@code tokenizer.json} become text: the kinds of its {@code decoder}. */
enum TokenDecoder {
  /** Each character of a token stands for a byte (GPT-2, Qwen, Llama 3, SmolLM2). */
  BYTE_LEVEL,
  /**
   * Tokens are text with U+2581 for spaces, or one byte written as {@code <0x0A>}; a space at the
   * very beginning, which encoding puts there, is dropped (Llama 2, TinyLlama).
   */
  BYTE_FALLBACK,
  /** The same with that space kept. */
  BYTE_FALLBACK_WITH_SPACE;

  private static final List<String> FALLBACK = List.of("Replace", "ByteFallback", "Fuse");

  /** The kind of a decoder, or null if it is another. */
  static TokenDecoder of(JsonNode decoder) {
    List<JsonNode> members = members(decoder);
    List<String> types = members.stream().map(m -> m.path("type").asText()).toList();
    if (types.equals(List.of("ByteLevel"))) {
      return BYTE_LEVEL;
    }
    if (members.size() < 3 || !types.subList(0, 3).equals(FALLBACK)) {
      return null;
    }
    JsonNode replace = members.get(0);
    if (!replace.at("/pattern/String").asText().equals("\u2581")
        || !replace.path("content").asText().equals(" ")) {
      return null;
    }
    if (members.size() == 3) {
      return BYTE_FALLBACK_WITH_SPACE;
    }
    JsonNode strip = members.get(3);
    boolean known =
        members.size() == 4
            && types.get(3).equals("Strip")
            && strip.path("content").asText().equals(" ")
            && strip.path("start").asInt() == 1
            && strip.path("stop").asInt() == 0;
    return known ? BYTE_FALLBACK : null;
  }

  /** For messages. */
  static String name(JsonNode decoder) {
    String type = decoder.path("type").asText();
    return type.equals("Sequence")
        ? members(decoder).stream().map(m -> m.path("type").asText()).toList().toString()
        : type;
  }

  private static List<JsonNode> members(JsonNode decoder) {
    if (!decoder.path("type").asText().equals("Sequence")) {
      return List.of(decoder);
    }
    List<JsonNode> members = new ArrayList<>();
    decoder.path("decoders").forEach(members::add);
    return members;
  }

  boolean stripsSpace() {
    return this == BYTE_FALLBACK;
  }

  /** What a token stands for. */
  byte[] bytes(String token) {
    if (this == BYTE_LEVEL) {
      return ByteLevel.bytes(token);
    }
    return isByte(token)
        ? new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)}
        : token.replace('\u2581', ' ').getBytes(UTF_8);
  }

  /** Whether a token is one byte among texts. */
  boolean isByte(String token) {
    return this != BYTE_LEVEL
        && token.length() == 6
        && token.startsWith("<0x")
        && token.endsWith(">")
        && Character.digit(token.charAt(3), 16) >= 0
        && Character.digit(token.charAt(4), 16) >= 0;
  }
}
