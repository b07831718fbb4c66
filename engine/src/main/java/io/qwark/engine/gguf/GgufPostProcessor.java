package io.qwark.engine.gguf;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * The special tokens that a tokenizer puts around a plain text, as the {@code post_processor} of a
 * {@code tokenizer.json}. Where a file does not say whether it wants them, it is as in llama.cpp:
 * SentencePiece tokenizers and Llama 3's begin a text.
 */
final class GgufPostProcessor {
  private static final String BEGIN = "tokenizer.ggml.bos_token_id";
  private static final String END = "tokenizer.ggml.eos_token_id";

  private final GgufMetadata metadata;
  private final TokenList tokens;

  GgufPostProcessor(GgufMetadata metadata, TokenList tokens) {
    this.metadata = metadata;
    this.tokens = tokens;
  }

  /**
   * @param beginsTexts whether a tokenizer of this kind begins a text if the file does not say it
   * @throws io.qwark.engine.api.UserException if a token is asked for that there is not
   */
  void write(JsonGenerator out, boolean beginsTexts) throws IOException {
    boolean begin =
        metadata.flag("tokenizer.ggml.add_bos_token", beginsTexts && metadata.has(BEGIN));
    boolean end = metadata.flag("tokenizer.ggml.add_eos_token", false);
    out.writeFieldName("post_processor");
    if (!begin && !end) {
      out.writeNull();
      return;
    }
    out.writeStartObject();
    out.writeStringField("type", "TemplateProcessing");
    out.writeArrayFieldStart("single");
    part(out, begin, BEGIN);
    out.writeStartObject();
    out.writeObjectFieldStart("Sequence");
    out.writeStringField("id", "A");
    out.writeNumberField("type_id", 0);
    out.writeEndObject();
    out.writeEndObject();
    part(out, end, END);
    out.writeEndArray();
    // The library wants to know what to do with two texts, which it is never given here.
    out.writeFieldName("pair");
    out.writeRawValue(
        """
        [{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}]""");
    out.writeObjectFieldStart("special_tokens");
    token(out, begin, BEGIN);
    if (!begin || id(BEGIN) != id(END)) {
      token(out, end, END);
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private int id(String key) {
    return metadata.integer(key, 0, tokens.size() - 1, -1);
  }

  private String text(String key) {
    return tokens.text(metadata.integer(key, 0, tokens.size() - 1));
  }

  private void part(JsonGenerator out, boolean wanted, String key) throws IOException {
    if (!wanted) {
      return;
    }
    out.writeStartObject();
    out.writeObjectFieldStart("SpecialToken");
    out.writeStringField("id", text(key));
    out.writeNumberField("type_id", 0);
    out.writeEndObject();
    out.writeEndObject();
  }

  private void token(JsonGenerator out, boolean wanted, String key) throws IOException {
    if (!wanted) {
      return;
    }
    out.writeObjectFieldStart(text(key));
    out.writeStringField("id", text(key));
    out.writeArrayFieldStart("ids");
    out.writeNumber(id(key));
    out.writeEndArray();
    out.writeArrayFieldStart("tokens");
    out.writeString(text(key));
    out.writeEndArray();
    out.writeEndObject();
  }
}
