package io.qwark.engine.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Encoding and decoding are Hugging Face's on 100,000 strings: digests from token_digests.py. Of
 * the quickstart's tokenizer a tenth is enough for each build; those of real models are looked for
 * in the folder that {@code qwark.tokenizers} names, as NAME.json.
 */
class TokenDigestTest {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens");
  private static final int BLOCK = 1000;

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "llama3", "llama2"})
  void agreesWithTheTokenizersLibraryOn100000Strings(String name) throws Exception {
    String folder = System.getProperty("qwark.tokenizers");
    assumeTrue(folder != null, "needs -Dqwark.tokenizers=FOLDER with tokenizers of real models");
    Path file = Path.of(folder, name + ".json");
    assumeTrue(Files.exists(file), "needs the tokenizer " + file);
    agrees(file, name, 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart"})
  void agreesWithTheTokenizersLibrary(String name) throws Exception {
    agrees(TokenizerTest.FILE, name, 10);
  }

  private static void agrees(Path file, String name, int blocks)
      throws IOException, NoSuchAlgorithmException {
    TokenCorpus corpus = new TokenCorpus(GOLDENS.resolve("token_parts.json"));
    JsonNode golden =
        new ObjectMapper().readTree(GOLDENS.resolve("tokens/" + name + ".json").toFile());
    assertEquals(100, golden.size());
    try (Tokenizer tokenizer = Tokenizer.open(file)) {
      for (int block = 0; block < blocks; block++) {
        MessageDigest ids = MessageDigest.getInstance("SHA-256");
        MessageDigest texts = MessageDigest.getInstance("SHA-256");
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
          int[] tokens = tokenizer.encode(corpus.string(i));
          ByteBuffer bytes = littleEndian(4 * (tokens.length + 1)).putInt(tokens.length);
          for (int token : tokens) {
            bytes.putInt(token);
          }
          ids.update(bytes.flip());
          for (boolean skipSpecial : new boolean[] {false, true}) {
            byte[] text = tokenizer.decode(tokens, skipSpecial).getBytes(UTF_8);
            texts.update(littleEndian(4).putInt(text.length).flip());
            texts.update(text);
          }
        }
        String where = name + ", strings from " + block * BLOCK;
        assertEquals(golden.get(block).get("ids").asText(), hex(ids), "ids of " + where);
        assertEquals(golden.get(block).get("texts").asText(), hex(texts), "texts of " + where);
      }
    }
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
