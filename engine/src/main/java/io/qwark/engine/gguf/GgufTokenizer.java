package io.qwark.engine.gguf;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the tokenizer that a file's metadata describes as the {@code tokenizer.json} of Hugging
 * Face's tokenizers library: byte-level BPE ({@code gpt2}) or SentencePiece ({@code llama}), which
 * as there becomes BPE with bytes to fall back on.
 */
final class GgufTokenizer {
  private static final String MODEL = "tokenizer.ggml.model";
  private static final String PRE = "tokenizer.ggml.pre";
  private static final String MERGES = "tokenizer.ggml.merges";
  private static final String SCORES = "tokenizer.ggml.scores";
  private static final String SPACE_PREFIX = "tokenizer.ggml.add_space_prefix";
  private static final String UNKNOWN = "<unk>";

  private final GgufMetadata metadata;
  private final TokenList tokens;
  private final Map<String, Integer> ids = new HashMap<>();

  private GgufTokenizer(GgufMetadata metadata) {
    this.metadata = metadata;
    this.tokens = TokenList.of(metadata);
    for (int id = 0; id < tokens.size(); id++) {
      Integer earlier = tokens.isUnused(id) ? null : ids.putIfAbsent(tokens.text(id), id);
      if (earlier != null) {
        throw metadata.damaged(
            "tokens " + earlier + " and " + id + " are both " + GgufErrors.shown(tokens.text(id)));
      }
    }
  }

  /**
   * @throws io.qwark.engine.api.UserException if there is none, it is damaged or of another kind
   */
  static String json(GgufMetadata metadata) {
    String model = metadata.text(MODEL);
    StringWriter json = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(json)) {
      switch (model) {
        case "gpt2" -> new GgufTokenizer(metadata).writeByteLevel(out);
        case "llama" -> new GgufTokenizer(metadata).writeSentencePiece(out);
        default ->
            throw metadata.unsupported(
                "its `" + MODEL + "` is " + GgufErrors.shown(model),
                "Choose a model whose tokenizer is gpt2 (byte-level BPE) or llama"
                    + " (SentencePiece)");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
    return json.toString();
  }

  private void writeByteLevel(JsonGenerator out) throws IOException {
    String name = metadata.text(PRE, "(none)");
    PreTokenizer pre = PreTokenizer.of(name);
    if (pre == null) {
      throw metadata.unsupported(
          "its `" + PRE + "` is " + GgufErrors.shown(name),
          "Choose a model whose text is split as one of " + PreTokenizer.all());
    }
    out.writeStartObject();
    out.writeStringField("version", "1.0");
    writeAddedTokens(out);
    writeRaw(out, "normalizer", pre.normalizer());
    writeRaw(out, "pre_tokenizer", pre.json());
    new GgufPostProcessor(metadata, tokens).write(out, pre == PreTokenizer.LLAMA3);
    writeRaw(
        out,
        "decoder",
        """
        {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}""");
    out.writeObjectFieldStart("model");
    out.writeStringField("type", "BPE");
    out.writeBooleanField("ignore_merges", pre.ignoreMerges());
    writeVocabulary(out);
    out.writeArrayFieldStart("merges");
    for (String merge : metadata.texts(MERGES)) {
      // The space that parts the two is never the first character of the whole.
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw metadata.damaged("the merge " + GgufErrors.shown(merge) + " is no pair");
      }
      writeMerge(out, merge.substring(0, space), merge.substring(space + 1));
    }
    out.writeEndArray();
    out.writeEndObject();
    out.writeEndObject();
  }

  private void writeSentencePiece(JsonGenerator out) throws IOException {
    double[] scores = metadata.numbers(SCORES);
    if (scores.length != tokens.size()) {
      throw metadata.damaged(
          "it has " + tokens.size() + " tokens and " + scores.length + " scores");
    }
    boolean prefix = metadata.flag(SPACE_PREFIX, true);
    out.writeStartObject();
    out.writeStringField("version", "1.0");
    writeAddedTokens(out);
    writeRaw(
        out,
        "normalizer",
        """
        {"type":"Sequence","normalizers":[%s\
        {"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""
            .formatted(prefix ? "{\"type\":\"Prepend\",\"prepend\":\"▁\"}," : ""));
    writeRaw(out, "pre_tokenizer", "null");
    new GgufPostProcessor(metadata, tokens).write(out, true);
    writeRaw(
        out,
        "decoder",
        """
        {"type":"Sequence","decoders":[\
        {"type":"Replace","pattern":{"String":"▁"},"content":" "},\
        {"type":"ByteFallback"},{"type":"Fuse"}%s]}"""
            .formatted(
                prefix ? ",{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}" : ""));
    out.writeObjectFieldStart("model");
    out.writeStringField("type", "BPE");
    if (ids.containsKey(UNKNOWN)) {
      out.writeStringField("unk_token", UNKNOWN);
    }
    out.writeBooleanField("fuse_unk", true);
    out.writeBooleanField("byte_fallback", true);
    writeVocabulary(out);
    out.writeArrayFieldStart("merges");
    for (PieceMerges.Pair merge : PieceMerges.of(tokens, scores, ids)) {
      writeMerge(out, merge.left(), merge.right());
    }
    out.writeEndArray();
    out.writeEndObject();
    out.writeEndObject();
  }

  private void writeAddedTokens(JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("added_tokens");
    for (int id = 0; id < tokens.size(); id++) {
      if (!tokens.isAdded(id)) {
        continue;
      }
      if (tokens.text(id).isEmpty()) {
        throw metadata.damaged("token " + id + " is special and empty");
      }
      out.writeStartObject();
      out.writeNumberField("id", id);
      out.writeStringField("content", tokens.text(id));
      for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        out.writeBooleanField(no, false);
      }
      out.writeBooleanField("special", tokens.isSpecial(id));
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  /** Added tokens too: the library gives those that it does not find here ids of its own. */
  private void writeVocabulary(JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      if (!tokens.isUnused(id)) {
        out.writeNumberField(tokens.text(id), id);
      }
    }
    out.writeEndObject();
  }

  private void writeMerge(JsonGenerator out, String left, String right) throws IOException {
    for (String token : List.of(left, right, left + right)) {
      if (!ids.containsKey(token)) {
        throw metadata.damaged("its merges need the token " + GgufErrors.shown(token));
      }
    }
    out.writeString(left + " " + right);
  }

  private static void writeRaw(JsonGenerator out, String key, String json) throws IOException {
    out.writeFieldName(key);
    out.writeRawValue(json);
  }
}
