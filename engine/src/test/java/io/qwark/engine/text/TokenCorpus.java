package io.qwark.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;

/** The strings of token_digests.py, which see: all scripts, code, special tokens, broken things. */
final class TokenCorpus {
  private final JsonNode parts;
  private long state;

  TokenCorpus(Path file) throws IOException {
    parts = new ObjectMapper().readTree(file.toFile());
  }

  String string(int index) {
    state = index;
    below(2);
    int n = index % 100 == 0 ? 300 : below(24);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < n; i++) {
      part(out);
    }
    return out.toString();
  }

  private int below(int n) {
    state = state * 6364136223846793005L + 1442695040888963407L;
    return (int) ((state >>> 33) % n);
  }

  private JsonNode one(String list) {
    return parts.get(list).get(below(parts.get(list).size()));
  }

  private static void scalar(int point, StringBuilder out) {
    out.appendCodePoint(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }

  private void part(StringBuilder out) {
    int kind = below(12);
    switch (kind) {
      case 0, 1, 2 -> out.append(one("words").asText()).append(below(2) == 0 ? " " : "");
      case 3 -> {
        JsonNode range = one("scripts");
        int first = range.get(0).asInt();
        int count = range.get(1).asInt() - first + 1;
        int n = 1 + below(12);
        for (int i = 0; i < n; i++) {
          scalar(first + below(count), out);
        }
      }
      case 4 -> scalar(below(0x110000), out);
      case 5 -> {
        int n = 1 + below(20);
        for (int i = 0; i < n; i++) {
          out.append((char) (33 + below(94)));
        }
      }
      case 6 -> spaces(out);
      case 7 -> {
        String number = Integer.toString(below(1 << 30));
        out.append(number.repeat(1 + below(3)));
      }
      case 8 -> out.append(one("special").asText());
      case 9 -> out.append(one("code").asText());
      case 10 -> {
        String emoji = one("emoji").asText();
        out.append(emoji.repeat(1 + below(3)));
      }
      default -> {
        if (below(2) == 0) {
          out.append((char) below(32));
        } else {
          out.append(one("marks").asText());
        }
      }
    }
  }

  private void spaces(StringBuilder out) {
    int n = 1 + below(4) * below(30);
    if (below(2) == 0) {
      out.append(one("spaces").asText().repeat(n));
      return;
    }
    for (int i = 0; i < n; i++) {
      out.append(one("spaces").asText());
    }
  }
}
