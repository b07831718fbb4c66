package io.qwark.engine.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads from a {@code tokenizer.json} what decoding needs: the vocabulary, the added tokens, and
 * which of the two known decoders it has (see {@link TokenDecoder}).
 */
final class TokenizerFile {
  /** Well above any vocabulary there is; keeps a wrong id from filling the heap. */
  private static final int MAX_ID = 1 << 22;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(64)
                      .maxNameLength(1 << 20)
                      .build())
              .build());

  private final Path file;
  private String[] tokens = new String[1 << 15];
  private int size;
  private String model;
  private JsonNode decoder = MissingNode.getInstance();
  private final BitSet special = new BitSet();
  private final BitSet addedIds = new BitSet();
  private final Map<String, Integer> added = new HashMap<>();

  private TokenizerFile(Path file) {
    this.file = file;
  }

  /**
   * @throws UserException if the file is damaged or of another kind than BPE over bytes
   */
  static Vocabulary read(String json, Path file) {
    TokenizerFile reader = new TokenizerFile(file);
    try (JsonParser parser = MAPPER.createParser(json)) {
      reader.read(parser);
    } catch (JsonProcessingException e) {
      throw reader.damaged("it is not valid JSON (" + e.getOriginalMessage() + ")", e);
    } catch (IOException e) {
      throw reader.damaged(e.toString(), e);
    }
    TokenDecoder decoder = TokenDecoder.of(reader.decoder);
    if (!"BPE".equals(reader.model) || decoder == null) {
      throw new UserException(
          "Cannot use the tokenizer " + file,
          "its model is " + reader.model + " and its decoder " + TokenDecoder.name(reader.decoder),
          "Choose a model whose tokenizer is BPE over bytes, as Qwen's and Llama's are");
    }
    byte[][] tokens = new byte[reader.size][];
    BitSet single = new BitSet();
    for (int id = 0; id < tokens.length; id++) {
      String token = reader.tokens[id];
      if (token != null) {
        tokens[id] = decoder.bytes(token);
        single.set(id, decoder.isByte(token));
      }
    }
    return new Vocabulary(tokens, reader.special, reader.added, decoder, single);
  }

  private void read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw damaged("it is not a JSON object", null);
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (key) {
        case "added_tokens" -> addedTokens(MAPPER.readTree(parser));
        case "decoder" -> decoder = MAPPER.readTree(parser);
        case "model" -> {
          if (value == JsonToken.START_OBJECT) {
            model(parser);
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  private void addedTokens(JsonNode list) {
    for (JsonNode token : list) {
      String content = token.path("content").textValue();
      if (content == null || !token.path("id").isInt()) {
        throw damaged("one of its added_tokens lacks its id or content", null);
      }
      int id = token.path("id").intValue();
      put(id, content, true);
      added.put(content, id);
      addedIds.set(id);
      special.set(id, token.path("special").asBoolean());
    }
  }

  private void model(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("type")) {
        model = parser.getText();
      } else if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String token = parser.currentName();
          if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
            throw damaged("its vocabulary has a token without a whole number as id", null);
          }
          put(parser.getIntValue(), token, false);
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  private void put(int id, String token, boolean isAdded) {
    if (id < 0 || id >= MAX_ID) {
      throw damaged("the token id " + id + " is out of range", null);
    }
    if (id >= tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(id + 1, tokens.length * 2));
    }
    size = Math.max(size, id + 1);
    // An added token goes before one of the model with the same id, wherever they stand.
    if (isAdded || !addedIds.get(id)) {
      tokens[id] = token;
    }
  }

  private UserException damaged(String reason, Throwable underlying) {
    return new UserException(
        "Cannot read " + file,
        reason,
        "Download the model folder again, or point to another one",
        underlying);
  }
}
